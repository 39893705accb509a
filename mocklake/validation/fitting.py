"""Whether a value keeps to a shape: each shape of a service made into one function, at its first use.

Nearly all requests do, and a CreateTable has a hundred texts in it; what is wrong with the others is found more slowly.
"""

import base64
import binascii
import math
import re
from collections.abc import Callable
from datetime import datetime
from functools import cache, partial
from threading import RLock
from typing import Any

from mocklake.protocols import model

Fits = Callable[[Any], bool]
FIRST_SECOND, LAST_SECOND = -62_135_596_800, 253_402_300_799
BOUNDS = {"integer": 2**31, "long": 2**63}
_JAVA = (
    ("\\uD800\\uDC00-\\uDBFF\\uDFFF", "\\U00010000-\\U0010FFFF"),
    ("\\p{Z}", "\\u0020\\u00A0\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000"),
    ("\\p{L}", "\\w"),
    ("\\p{N}", "\\d"),
)
"""Characters beyond 16 bits, and Unicode's categories; the patterns with letters all take an underscore."""
WIDER = {"arn:aws:iam::[0-9]*:role/.*": "arn:aws[a-z-]*:iam::[0-9]*:role/.*"}
"""Lake Formation's role ARN names one partition, though the service is offered in others."""
UNCHECKED = frozenset({"^[ \\t]*[\\x20-\\x7E]+([ \\t]+[\\x20-\\x7E]+)*[ \\t]*$"})
"""Python needs exponential time for an EventBridge header value of many blanks."""
OPEN_CHOICES = {("lakeformation", "Permission")}
"""Lake Formation refuses an unknown permission by itself, in its own words (boto3 #2894), and in a batch by entry."""


@cache
def fits_of(service: str, operation: str) -> Fits:
    """Takes parameters as they come in JSON; a null or a fraction for a whole number does not fit."""
    shape = model(service).operation_model(operation).input_shape
    return _anything if shape is None else _maker(service).of(shape)


@cache
def _maker(service: str) -> "_Maker":
    return _Maker(service)


class _Maker:
    """The functions of one service's shapes by name."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._made: dict[str, Fits] = {}
        # Without it, a thread would put `_later` in the place of a function that another one has made.
        self._making = RLock()

    def of(self, shape: Any) -> Fits:
        with self._making:
            if shape.name not in self._made:
                # A shape may hold itself, and then is not made yet when it is first met.
                self._made[shape.name] = partial(self._later, shape.name)
                self._made[shape.name] = self._make(shape)
            return self._made[shape.name]

    def _later(self, name: str, value: Any) -> bool:
        return self._made[name](value)

    def _make(self, shape: Any) -> Fits:
        match shape.type_name:
            case "structure":
                return self._structure(shape)
            case "list":
                return self._list(shape)
            case "map":
                return self._map(shape)
            case "string":
                return _text(shape, choice_of(self._service, shape))
            case "integer" | "long":
                return _whole_number(shape)
            case kind:
                return _SIMPLE.get(kind, _anything)

    def _structure(self, shape: Any) -> Fits:
        if shape.is_document_type:
            return _anything
        needed = frozenset(shape.required_members)
        members = {name: self.of(member) for name, member in shape.members.items()}

        def fits(value: Any) -> bool:
            if not isinstance(value, dict):
                return False
            for name, part in value.items():
                member = members.get(name)
                if member is not None and not member(part):
                    return False
            return needed <= value.keys()

        return fits

    def _list(self, shape: Any) -> Fits:
        member, (low, high) = self.of(shape.member), _limits(shape)
        return lambda value: (
            isinstance(value, (list, tuple)) and low <= len(value) <= high and all(map(member, value))
        )

    def _map(self, shape: Any) -> Fits:
        key, part, (low, high) = self.of(shape.key), self.of(shape.value), _limits(shape)
        return lambda value: (
            isinstance(value, dict)
            and low <= len(value) <= high
            and all(map(key, value))
            and all(map(part, value.values()))
        )


def is_base64(value: Any) -> bool:
    """Bytes as they are, from inside, count too."""
    if isinstance(value, bytes):
        return True
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError, TypeError):
        return False
    return True


def is_time(value: Any) -> bool:
    """Seconds since 1970, as far as a calendar of four digits goes."""
    return isinstance(value, datetime) or (is_number(value) and FIRST_SECOND <= value <= LAST_SECOND)


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _anything(_value: Any) -> bool:
    return True


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _text(shape: Any, choice: frozenset[str]) -> Fits:
    low, high = _limits(shape)
    rule = shape.metadata.get("pattern")
    pattern = pattern_of(rule) if rule else None

    def fits(value: Any) -> bool:
        if not isinstance(value, str):
            return False
        if not low <= len(value) <= high or (choice and value not in choice):
            return False
        return pattern is None or pattern.fullmatch(value) is not None

    return fits


def _whole_number(shape: Any) -> Fits:
    (low, high), bound = _limits(shape), BOUNDS[shape.type_name]
    low, high = max(low, -bound), min(high, bound - 1)
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _limits(shape: Any) -> tuple[float, float]:
    low, high = (shape.metadata.get(name) for name in ("min", "max"))
    return float("-inf") if low is None else low, float("inf") if high is None else high


_SIMPLE: dict[str, Fits] = {
    "boolean": _is_boolean,
    "float": is_number,
    "double": is_number,
    "timestamp": is_time,
    "blob": is_base64,
}


@cache
def pattern_of(rule: str) -> re.Pattern[str] | None:
    """None for what only Java's expressions can say, and for `UNCHECKED`."""
    if rule in UNCHECKED:
        return None
    text, flags = WIDER.get(rule, rule), re.ASCII
    if "\\p{" in text:
        flags = re.NOFLAG
    for java, python in _JAVA:
        text = text.replace(java, python)
    try:
        return re.compile(text, flags)
    except re.error:
        return None


def choice_of(service: str, shape: Any) -> frozenset[str]:
    """Empty where any text goes."""
    if (service, shape.name) in OPEN_CHOICES:
        return frozenset()
    return frozenset(shape.metadata.get("enum", ()))
