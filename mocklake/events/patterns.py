"""Event patterns: does an event have what a rule asks for?

Source: EventBridge user guide, "Creating Amazon EventBridge event patterns" and "Comparison operators". A pattern
names fields down to lists of what their value may be; a list in the event matches with any of its members.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from mocklake.errors import AwsError
from mocklake.events.comparisons import ABSENT, COMPARISONS, is_well_formed

Pattern = Mapping[str, Any]
LONGEST = 4096


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
