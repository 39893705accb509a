"""docker-compose.yml as Compose reads it: merged, with its variables filled in."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import yaml

from demo.bootstrap import ROOT
from demo.embedded.errors import EmbeddedError

FILE = ROOT / "docker-compose.yml"
BEGIN = re.compile(r"\$(\$|\{(\w+)(?::([-?]))?)")
OURS = ("migrate", "web", "worker", "worker-others", "beat", "mocklake", "pretend-keys", "pretend-bank")


@cache
def load_compose_file() -> dict[str, Any]:
    """The file with anchors and merges resolved, variables as written."""
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


def get_service(name: str) -> dict[str, Any]:
    found: dict[str, Any] = load_compose_file()["services"][name]
    return found


def list_services_in_order() -> list[str]:
    """Each after all that its `depends_on` names. EmbeddedError when services wait for each other, or for one that is not there."""
    ordered: list[str] = []
    waiting = list(load_compose_file()["services"])
    while waiting:
        ready = [name for name in waiting if set(get_service(name).get("depends_on", {})) <= set(ordered)]
        if not ready:
            names = ", ".join(
                f"{name} (for {', '.join(sorted(set(get_service(name)['depends_on']) - set(ordered)))})"
                for name in waiting
            )
            raise EmbeddedError(
                f"{FILE.name}: these services would wait for ever, as depends_on has a circle or an unknown name: {names}."
            )
        ordered += ready
        waiting = [name for name in waiting if name not in ready]
    return ordered


def list_variables() -> dict[str, tuple[str, str]]:
    """By name, how a variable is asked for (`?`, `-` or nothing) and the text that follows."""
    found = {name: (kind, text) for name, kind, text in parse_variables(FILE.read_text(encoding="utf-8"))}
    nested = {name: (kind, rest) for _, text in found.values() for name, kind, rest in parse_variables(text)}
    return found | nested


def parse_variables(text: str) -> Iterator[tuple[str, str, str]]:
    """The outermost variables of a text: name, kind, the text that follows."""
    for name, kind, rest, _, _ in locate_variables(text):
        if name:
            yield name, kind, rest


def locate_variables(text: str) -> Iterator[tuple[str, str, str, int, int]]:
    """As `parse_variables`, with the places where each begins and ends; `$$` has no name."""
    position = 0
    while begun := BEGIN.search(text, position):
        position = begun.end()
        if begun[1] == "$":
            yield "", "", "", begun.start(), position
            continue
        depth = 1
        while depth:
            depth += {"{": 1, "}": -1}.get(text[position], 0)
            position += 1
        yield begun[2], begun[3] or "", text[begun.end() : position - 1], begun.start(), position


def fill_variables(text: str, given: Mapping[str, str]) -> str:
    """`text` as Compose fills it in; KeyError when a required variable is not given."""
    parts, position = [], 0
    for name, kind, rest, start, end in locate_variables(text):
        parts += [text[position:start], fill_variable(name, kind, rest, given) if name else "$"]
        position = end
    return "".join([*parts, text[position:]])


def fill_variable(name: str, kind: str, rest: str, given: Mapping[str, str]) -> str:
    if given.get(name):
        return given[name]
    if kind == "?":
        raise KeyError(name)
    return fill_variables(rest, given)


def build_service_environment(name: str, given: Mapping[str, str]) -> dict[str, str]:
    """What the service's process gets from the file; a name without a value is passed on when it is given."""
    rows: dict[str, str | None] = get_service(name).get("environment", {})
    passed = {key: given[key] for key, value in rows.items() if value is None and key in given}
    return passed | {key: fill_variables(value, given) for key, value in rows.items() if value is not None}
