"""Event patterns: does an event have what a rule asks for?

Source: EventBridge user guide, "Creating Amazon EventBridge event patterns" and "Comparison operators". A pattern
names fields down to lists of what their value may be; a list in the event matches with any of its members.
"""

import json
import operator
import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from mocklake.errors import AwsError

Pattern = Mapping[str, Any]
LONGEST = 4096
ABSENT = object()
"""Stands for a field that the event does not have."""
Check = Callable[[Any], bool]
_NUMERIC = {"<": operator.lt, "<=": operator.le, "=": operator.eq, ">": operator.gt, ">=": operator.ge}
_LOWER, _UPPER = (">", ">="), ("<", "<=")


def read(text: str) -> Pattern:
    """Raises AwsError InvalidEventPatternException with what is wrong."""
    if len(text) > LONGEST:
        raise invalid(f"The pattern is longer than {LONGEST} characters")
    try:
        pattern = json.loads(text)
    except ValueError:
        raise invalid("Filter is not an object") from None
    if not isinstance(pattern, dict) or not pattern:
        raise invalid("Filter is not an object" if not isinstance(pattern, dict) else "Empty filter")
    _check(pattern)
    return pattern


def invalid(reason: str) -> AwsError:
    return AwsError("InvalidEventPatternException", f"Event pattern is not valid. Reason: {reason}")


def _check(pattern: Pattern) -> None:
    for name, wanted in pattern.items():
        if name == "$or" and _is_choice(wanted):
            for one in wanted:
                _check(one)
        elif isinstance(wanted, dict):
            if not wanted:
                raise invalid("Empty objects are not allowed")
            _check(wanted)
        elif isinstance(wanted, list):
            _check_leaf(name, wanted)
        else:
            raise invalid(f'"{name}" must be an object or an array')


def _check_leaf(name: str, wanted: list[Any]) -> None:
    if not wanted:
        raise invalid("Empty arrays are not allowed")
    for one in wanted:
        if isinstance(one, list):
            raise invalid(f'"{name}": Match value must be String, number, true, false, or null')
        if isinstance(one, dict) and not is_well_formed(one):
            raise invalid(f'"{name}": Unrecognized match type {next(iter(one), "")}')


def _is_choice(wanted: Any) -> bool:
    return (
        isinstance(wanted, list) and len(wanted) > 1 and all(isinstance(one, dict) and one for one in wanted)
    )


def fits(pattern: Pattern, event: Any) -> bool:
    """`event` is the event or a part of it; a list of objects fits when one of them fits as a whole."""
    if isinstance(event, list):
        return any(fits(pattern, one) for one in event)
    found = event if isinstance(event, dict) else {}
    return all(_field_fits(name, wanted, found) for name, wanted in pattern.items())


def _field_fits(name: str, wanted: Any, event: dict[str, Any]) -> bool:
    if name == "$or" and _is_choice(wanted):
        return any(fits(one, event) for one in wanted)
    if isinstance(wanted, dict):
        return fits(wanted, event.get(name))
    value = event.get(name, ABSENT)
    if isinstance(value, dict):
        value = ABSENT
    values = value if isinstance(value, list) else [value]
    return any(_value_fits(one, each) for one in wanted for each in (values or [ABSENT]))


def _value_fits(wanted: Any, value: Any) -> bool:
    if not isinstance(wanted, dict):
        return same(wanted, value)
    name, argument = next(iter(wanted.items()))
    compare: Callable[[Any, Any], bool] = COMPARISONS[name]
    return compare(argument, value)


def same(wanted: Any, value: Any) -> bool:
    """JSON's equality: true is not 1."""
    return isinstance(wanted, bool) is isinstance(value, bool) and bool(wanted == value)


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
    return (
        all(sign in _NUMERIC for sign in signs) and all(_is_number(limit) for limit in limits) and one_range
    )


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
    pattern = "".join(
        ".*" if part == "*" else re.escape(part[-1] if part[0] == "\\" else part) for part in parts
    )
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
