"""The budgets of tests/budgets.toml, for the tests that hold them."""

import tomllib
from pathlib import Path
from typing import Any

BUDGETS: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())
FIRST_VISIT: dict[str, int] = BUDGETS["first_visit"]
DEEDS: dict[str, int] = BUDGETS["deeds"]
PAGES: dict[str, dict[str, int]] = BUDGETS["pages"]
