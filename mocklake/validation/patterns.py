"""Patterns of service models as Python's expressions: they are written in Java's syntax and match a whole value."""

import re
from functools import cache

from mocklake.validation.leniency import UNCHECKED, WIDER

_JAVA = (
    ("\\uD800\\uDC00-\\uDBFF\\uDFFF", "\\U00010000-\\U0010FFFF"),
    ("\\p{Z}", "\\u0020\\u00A0\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000"),
    ("\\p{L}", "\\w"),
    ("\\p{N}", "\\d"),
)
"""Characters beyond 16 bits, and Unicode's categories; the patterns with letters all take an underscore."""


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
