"""Whether a row passes a filter's expression: the oracle's own reading of it, apart from the request path's.

SQL's three values: a comparison with NULL is neither true nor false, and such a row does not pass.
"""

import operator
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]
_WORDS = re.compile(r"'(?:[^']|'')*'|\"[^\"]+\"|<=|>=|<>|!=|[=<>(),]|[+-]?\d+(?:\.\d+)?|\w+")
_KEYWORDS = {
    "and", "or", "not", "in", "between", "like", "is", "null", "true", "false", "date", "timestamp",
}  # fmt: skip
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne, "!=": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def passes(expression: str | None, row: Row) -> bool:
    """No expression means every row; `row` has values by lower-case column name."""
    if expression is None:
        return True
    words = [word if word[0] in "'\"" else word.lower() for word in _WORDS.findall(expression)]
    return _or(words, row) is True


def named(expression: str | None) -> set[str]:
    """The columns that it compares, in lower case."""
    words = [word for word in _WORDS.findall(expression or "") if word[0] != "'"]
    plain = {
        word.strip('"').lower() for word in words if word[0] == '"' or word[0].isalpha() or word[0] == "_"
    }
    return plain - _KEYWORDS


def _or(words: list[str], row: Row) -> bool | None:
    values = [_and(words, row)]
    while words[:1] == ["or"]:
        words.pop(0)
        values.append(_and(words, row))
    return True if True in values else (None if None in values else False)


def _and(words: list[str], row: Row) -> bool | None:
    values = [_not(words, row)]
    while words[:1] == ["and"]:
        words.pop(0)
        values.append(_not(words, row))
    return False if False in values else (None if None in values else True)


def _not(words: list[str], row: Row) -> bool | None:
    if words[0] == "not":
        words.pop(0)
        return _opposite(_not(words, row))
    if words[0] == "(":
        words.pop(0)
        value = _or(words, row)
        words.pop(0)
        return value
    return _test(words, row)


def _opposite(value: Any) -> bool | None:
    return None if value is None else not value


def _test(words: list[str], row: Row) -> bool | None:
    value = row.get(words.pop(0).strip('"').lower())
    word = words.pop(0)
    if word in _COMPARE:
        return _compared(_COMPARE[word], value, _literal(words, value))
    if word == "is":
        wanted = words.pop(0) == "null"
        if not wanted:
            words.pop(0)
        return (value is None) == wanted
    if word == "not":
        return _opposite(_range(words.pop(0), words, value))
    return _range(word, words, value)


def _compared(how: Callable[[Any, Any], bool], value: Any, other: Any) -> bool | None:
    return None if value is None else how(value, other)


def _range(word: str, words: list[str], value: Any) -> bool | None:
    if word == "between":
        low = _literal(words, value)
        words.pop(0)
        high = _literal(words, value)
        return None if value is None else bool(low <= value <= high)
    if word == "like":
        pattern = str(_literal(words, value))
        parts = {"%": ".*", "_": "."}
        shape = "".join(parts.get(letter, re.escape(letter)) for letter in pattern)
        return None if value is None else re.fullmatch(shape, value, re.DOTALL) is not None
    words.pop(0)
    listed = [_literal(words, value)]
    while words.pop(0) == ",":
        listed.append(_literal(words, value))
    return None if value is None else value in listed


def _literal(words: list[str], value: Any) -> Any:
    """Read as the kind of thing that the row's value is."""
    word = words.pop(0)
    if word in ("date", "timestamp"):
        word = words.pop(0)
    if not word.startswith("'"):
        return word == "true" if word in ("true", "false") else Decimal(word)
    text = word[1:-1].replace("''", "'")
    if isinstance(value, datetime):
        return datetime.fromisoformat(text)
    return date.fromisoformat(text) if isinstance(value, date) else text
