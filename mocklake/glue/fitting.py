"""Whether a value keeps to a shape of Glue's service model: each shape made into one function, at its first use.

Nearly all requests do, and a CreateTable has a hundred texts in it; what is wrong with the others is found more slowly.
"""

import re
from collections.abc import Callable
from functools import cache, partial
from typing import Any

Fits = Callable[[Any], bool]
_PAIRS = (("\\uD800\\uDC00-\\uDBFF\\uDFFF", "\\U00010000-\\U0010FFFF"),)
"""The model writes what lies beyond 16 bits as Java does."""
_made: dict[str, Fits] = {}


def fits(value: Any, shape: Any) -> bool:
    """Times, booleans and documents always do."""
    return _of(shape)(value)


@cache
def pattern_of(rule: str) -> re.Pattern[str] | None:
    """None for what only Java's expressions can say."""
    for java, python in _PAIRS:
        rule = rule.replace(java, python)
    try:
        return re.compile(rule)
    except re.error:
        return None


def _of(shape: Any) -> Fits:
    if shape.name not in _made:
        # A shape may hold itself, and then is not made yet when it is first met.
        _made[shape.name] = partial(_later, shape.name)
        _made[shape.name] = _MAKERS.get(shape.type_name, _anything)(shape)
    return _made[shape.name]


def _later(name: str, value: Any) -> bool:
    return _made[name](value)


def _anything(_shape: Any) -> Fits:
    return lambda _value: True


def _structure(shape: Any) -> Fits:
    if shape.is_document_type:
        return _anything(shape)
    needed = frozenset(shape.required_members)
    members = {name: _of(member) for name, member in shape.members.items()}

    def one(value: Any) -> bool:
        if not isinstance(value, dict):
            return False
        for name, part in value.items():
            member = members.get(name)
            if member is not None and not member(part):
                return False
        return needed <= value.keys()

    return one


def _list(shape: Any) -> Fits:
    member, (low, high) = _of(shape.member), _limits(shape)
    return lambda value: (
        isinstance(value, (list, tuple)) and low <= len(value) <= high and all(map(member, value))
    )


def _map(shape: Any) -> Fits:
    key, part = _of(shape.key), _of(shape.value)
    return lambda value: isinstance(value, dict) and all(map(key, value)) and all(map(part, value.values()))


def _text(shape: Any) -> Fits:
    low, high = _limits(shape)
    rule, choice = shape.metadata.get("pattern"), frozenset(shape.metadata.get("enum", ()))
    pattern = pattern_of(rule) if rule else None

    def one(value: Any) -> bool:
        if not isinstance(value, str):
            return False
        if not low <= len(value) <= high or (choice and value not in choice):
            return False
        return pattern is None or pattern.fullmatch(value) is not None

    return one


def _number(shape: Any) -> Fits:
    low, high = _limits(shape)
    return lambda value: isinstance(value, int) and low <= value <= high


def _limits(shape: Any) -> tuple[float, float]:
    low, high = (shape.metadata.get(name) for name in ("min", "max"))
    return float("-inf") if low is None else low, float("inf") if high is None else high


_MAKERS: dict[str, Callable[[Any], Fits]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _text,
    "integer": _number,
    "long": _number,
}
