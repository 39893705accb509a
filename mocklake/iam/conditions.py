"""The Condition element of IAM statements: operators on strings, ARNs, booleans and presence.

Source: IAM user guide, "IAM JSON policy elements: Condition operators". Keys are compared without regard to
case; with several operators and keys all must hold, of several values one. `…IfExists` holds without the key.
"""

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any

Compare = Callable[[str, str], bool]


def matches(value: str, pattern: str) -> bool:
    """With `*` and `?` as wildcards, and nothing else."""
    return fnmatchcase(value, pattern.replace("[", "[[]"))


def listed(value: Any) -> list[str]:
    if value is None:
        return []
    return [_text(one) for one in value] if isinstance(value, list) else [_text(value)]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _same(value: str, wanted: str) -> bool:
    return value == wanted


def _same_in_any_case(value: str, wanted: str) -> bool:
    return value.lower() == wanted.lower()


_POSITIVE: dict[str, Compare] = {
    "StringEquals": _same,
    "StringEqualsIgnoreCase": _same_in_any_case,
    "StringLike": matches,
    "ArnEquals": matches,
    "ArnLike": matches,
    "Bool": _same_in_any_case,
}
_NEGATIVE: dict[str, Compare] = {
    "StringNotEquals": _same,
    "StringNotEqualsIgnoreCase": _same_in_any_case,
    "StringNotLike": matches,
    "ArnNotEquals": matches,
    "ArnNotLike": matches,
}


def hold(conditions: Mapping[str, Mapping[str, Any]], context: Mapping[str, str], *, unknown: bool) -> bool:
    """`unknown` is the answer as soon as an operator is not understood."""
    lowered = {key.lower(): value for key, value in context.items()}
    for operator, tests in conditions.items():
        for key, wanted in tests.items():
            holds = _holds(operator, lowered.get(key.lower()), listed(wanted))
            if holds is None:
                return unknown
            if not holds:
                return False
    return True


def _holds(operator: str, value: str | None, wanted: list[str]) -> bool | None:
    """None for an operator that is not understood."""
    plain = operator.removesuffix("IfExists")
    if plain == "Null" and plain == operator:
        return any(one.lower() == str(value is None).lower() for one in wanted)
    if plain not in _POSITIVE and plain not in _NEGATIVE:
        return None
    if value is None:
        return plain != operator or plain in _NEGATIVE
    if plain in _POSITIVE:
        return any(_POSITIVE[plain](value, one) for one in wanted)
    return not any(_NEGATIVE[plain](value, one) for one in wanted)
