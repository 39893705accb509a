"""docker-compose.yml as Compose reads it: merged, with its variables filled in."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

from demo.bootstrap import ROOT

FILE = ROOT / "docker-compose.yml"
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
OURS = ("migrate", "web", "worker", "worker-others", "beat", "mocklake", "pretend-keys", "pretend-bank")


@cache
def load_compose_file() -> dict[str, Any]:
    """The file with anchors and merges resolved, variables as written."""
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


def get_service(name: str) -> dict[str, Any]:
    found: dict[str, Any] = load_compose_file()["services"][name]
    return found


def list_variables() -> dict[str, tuple[str, str]]:
    """By name, how a variable is asked for (`?`, `-` or nothing) and the text that follows."""
    return {name: (kind, text) for name, kind, text in VARIABLE.findall(FILE.read_text(encoding="utf-8"))}


def fill_variables(text: str, given: Mapping[str, str]) -> str:
    """`text` as Compose fills it in; KeyError when a required variable is not given."""

    def value(found: re.Match[str]) -> str:
        name, kind, default = found.groups()
        if given.get(name):
            return given[name]
        if kind == "?":
            raise KeyError(name)
        return default or ""

    return VARIABLE.sub(value, text).replace("$$", "$")


def build_service_environment(name: str, given: Mapping[str, str]) -> dict[str, str]:
    """What the service's process gets from the file; a name without a value is passed on when it is given."""
    rows: dict[str, str | None] = get_service(name).get("environment", {})
    passed = {key: given[key] for key, value in rows.items() if value is None and key in given}
    return passed | {key: fill_variables(value, given) for key, value in rows.items() if value is not None}
