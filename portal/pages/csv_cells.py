"""Cells of CSV files that people open in a spreadsheet."""

import json
from typing import Any

FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - read as signs, too


def escape_formula(value: Any) -> str:
    """Text that a spreadsheet does not evaluate: prefixed with an apostrophe if it starts like a formula."""
    if value is None:
        return ""
    if isinstance(value, list):
        text = " ".join(one if isinstance(one, str) else json.dumps(one, default=str) for one in value)
    else:
        text = str(value)
    return f"'{text}" if text.startswith(FORMULA_PREFIXES) else text
