"""Values that no schema asks for: what only a broken or hostile client sends."""

import random
from typing import Any

VALUES: tuple[Any, ...] = (
    "\x00", "a\x00b", "\ud800", "\udfff", "9" * 400, 2**63, -(2**63) - 1, 10**400, 1e308, "", " ", "\u202e<b>",
    None, [], {}, [[]], True, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "infinity", "%00", "x" * 3000,
)  # fmt: skip
TEXTS = (
    "\x00",
    "a\x00b",
    "9" * 400,
    "-1",
    "0",
    "",
    " ",
    "\u202e<b>",
    "ü",
    "%00",
    "x" * 3000,
    "null",
    "1e999",
    "NaN",
    "²",
)
STOP_SHARE = 0.3
"""How often a member is replaced that has members of its own."""


def make_hostile(case: Any, choices: random.Random) -> None:
    """Replaces one value of the call: in its body, query, path or headers."""
    places = []
    if isinstance(case.body, dict) and case.body:
        places.append(_change_body)
    if isinstance(case.query, dict) and case.operation.query:
        places.append(_change_query)
    if case.path_parameters:
        places.append(_change_path)
    if places:
        choices.choice(places)(case, choices)


def _change_body(case: Any, choices: random.Random) -> None:
    """One member, however deep."""
    at: Any = case.body
    while True:
        key = choices.choice(list(at) if isinstance(at, dict) else range(len(at)))
        inner = at[key]
        if not isinstance(inner, dict | list) or not inner or choices.random() < STOP_SHARE:
            at[key] = choices.choice(VALUES)
            return
        at = inner


def _change_query(case: Any, choices: random.Random) -> None:
    name = choices.choice([parameter.name for parameter in case.operation.query])
    case.query[name] = choices.choice(TEXTS)


def _change_path(case: Any, choices: random.Random) -> None:
    name = choices.choice(list(case.path_parameters))
    case.path_parameters[name] = choices.choice([text for text in TEXTS if text.strip()])
