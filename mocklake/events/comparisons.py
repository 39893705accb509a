"""The comparison operators of event patterns, each as a function of its argument and one value of the event."""

import operator
import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

ABSENT = object()
"""Stands for a field that the event does not have."""
Check = Callable[[Any], bool]
_NUMERIC = {"<": operator.lt, "<=": operator.le, "=": operator.eq, ">": operator.gt, ">=": operator.ge}
_LOWER, _UPPER = (">", ">="), ("<", "<=")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _in_any_case(argument: Any) -> bool:
    return (
        isinstance(argument, dict)
        and list(argument) == ["equals-ignore-case"]
        and _is_text(argument["equals-ignore-case"])
    )


def _prefix(argument: Any, value: Any) -> bool:
    if isinstance(argument, dict):
        return _is_text(value) and value.lower().startswith(argument["equals-ignore-case"].lower())
    return _is_text(value) and value.startswith(argument)


def _suffix(argument: Any, value: Any) -> bool:
    if isinstance(argument, dict):
        return _is_text(value) and value.lower().endswith(argument["equals-ignore-case"].lower())
    return _is_text(value) and value.endswith(argument)


def _equals_in_any_case(argument: str, value: Any) -> bool:
    return _is_text(value) and value.lower() == argument.lower()


def _exists(argument: bool, value: Any) -> bool:  # noqa: FBT001
    return (value is not ABSENT) is argument


def _numeric(argument: list[Any], value: Any) -> bool:
    pairs = zip(argument[::2], argument[1::2], strict=True)
    return _is_number(value) and all(_NUMERIC[sign](value, limit) for sign, limit in pairs)


def _is_range(argument: Any) -> bool:
    if not isinstance(argument, list) or len(argument) not in (2, 4):
        return False
    signs, limits = argument[::2], argument[1::2]
    one_range = len(signs) == 1 or (signs[0] in _LOWER and signs[1] in _UPPER and limits[0] < limits[1])
    return all(sign in _NUMERIC for sign in signs) and all(_is_number(one) for one in limits) and one_range


def _cidr(argument: str, value: Any) -> bool:
    try:
        return ip_address(value) in ip_network(argument)
    except ValueError:
        return False


def _is_network(argument: Any) -> bool:
    try:
        ip_network(argument)
    except ValueError:
        return False
    return _is_text(argument)


def _wildcard(argument: str, value: Any) -> bool:
    r"""`*` is any run of characters, `\*` and `\\` are themselves."""
    parts = re.findall(r"\\[*\\]|[*]|[^*\\]+|\\", argument)
    pattern = "".join(".*" if one == "*" else re.escape(one[-1] if one[0] == "\\" else one) for one in parts)
    return _is_text(value) and re.fullmatch(pattern, value, re.DOTALL) is not None


def _anything_but(argument: Any, value: Any) -> bool:
    """Needs the field to be there."""
    if value is ABSENT:
        return False
    if isinstance(argument, dict):
        name, without = next(iter(argument.items()))
        return not any(COMPARISONS[name](one, value) for one in _listed(without))
    return all(one != value for one in _listed(argument))


def _is_exception(argument: Any) -> bool:
    if isinstance(argument, dict):
        name = next(iter(argument), "")
        allowed = name in ("prefix", "suffix", "equals-ignore-case", "wildcard") and len(argument) == 1
        return (
            allowed
            and all(_is_text(one) for one in _listed(argument[name]))
            and bool(_listed(argument[name]))
        )
    listed = _listed(argument)
    return bool(listed) and (all(_is_text(one) for one in listed) or all(_is_number(one) for one in listed))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _equals_in_any_case,
    "exists": _exists,
    "numeric": _numeric,
    "cidr": _cidr,
    "wildcard": _wildcard,
    "anything-but": _anything_but,
}
_WELL_FORMED: dict[str, Check] = {
    "prefix": lambda argument: _is_text(argument) or _in_any_case(argument),
    "suffix": lambda argument: _is_text(argument) or _in_any_case(argument),
    "equals-ignore-case": _is_text,
    "exists": lambda argument: isinstance(argument, bool),
    "numeric": _is_range,
    "cidr": _is_network,
    "wildcard": lambda argument: _is_text(argument) and "**" not in argument,
    "anything-but": _is_exception,
}


def is_well_formed(comparison: Mapping[str, Any]) -> bool:
    """Whether it is one operator with an argument that it can have."""
    if len(comparison) != 1:
        return False
    name, argument = next(iter(comparison.items()))
    return name in _WELL_FORMED and _WELL_FORMED[name](argument)
