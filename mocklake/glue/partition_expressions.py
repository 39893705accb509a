"""GetPartitions' Expression: a condition on partition keys, evaluated on text values by the keys' types. Pure.

Source: botocore model, GetPartitions (operators =, <>, <, <=, >, >=, AND, OR, IN, BETWEEN, LIKE, NOT, IS NULL; key
types string, date, timestamp, int, bigint, long, tinyint, smallint, decimal). Assumed: `!=` is `<>`; a number or
date may be written as text; a value that does not fit its key's type, and the Hive default partition, is NULL.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from mocklake.condition_parser import Reader, tokens
from mocklake.errors import AwsError

NULL_VALUE = "__HIVE_DEFAULT_PARTITION__"
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": eq, "<>": ne, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge,
}  # fmt: skip
_READ: dict[str, Callable[[str], Any]] = {
    "string": str, "varchar": str, "char": str, "date": date.fromisoformat,
    "timestamp": lambda text: datetime.fromisoformat(text).replace(tzinfo=None),
    **dict.fromkeys(("int", "integer", "bigint", "long", "tinyint", "smallint"), int), "decimal": Decimal,
}  # fmt: skip
_WORDS = frozenset(["and", "or", "not", "in", "between", "like", "is", "null", "date", "timestamp"])
Row = Mapping[str, str]
Test = Callable[[Row], bool | None]


def parse(expression: str, types: Mapping[str, str]) -> Callable[[Row], bool]:
    """Whether a partition, its values by lower-case key, passes; `types` are the table's keys.

    InvalidInputException for what is no condition on these keys.
    """
    test = _Reader(tokens(expression, _WORDS, _wrong), types, _wrong).whole()
    return lambda row: test(row) is True


def typed(text: str, kind: str) -> Any | None:
    """A partition's value in its key's type; None when it is NULL or does not fit."""
    if text == NULL_VALUE:
        return None
    try:
        return _READ.get(_base(kind), str)(text)
    except (ValueError, InvalidOperation):
        return None


def fits(text: str, kind: str) -> bool:
    """Whether a value is one of its key's type, or the type is none that is looked into."""
    return typed(text, kind) is not None


def _base(kind: str) -> str:
    return kind.lower().partition("(")[0].strip()


def _wrong(reason: str) -> AwsError:
    return AwsError("InvalidInputException", f"Unsupported expression: {reason}.")


class _Reader(Reader[Test]):
    """SQL's three values: None is unknown."""

    def either(self, parts: list[Test]) -> Test:
        return lambda row: _either([test(row) for test in parts])

    def every(self, parts: list[Test]) -> Test:
        return lambda row: _opposite(_either([_opposite(test(row)) for test in parts]))

    def opposite(self, part: Test) -> Test:
        return lambda row: _opposite(part(row))

    def condition(self) -> Test:
        name, kind = self._key()
        if self.take("keyword", "is"):
            wanted = not self.take("keyword", "not")
            self.expect("keyword", "null")
            return lambda row: (typed(row.get(name, NULL_VALUE), kind) is None) == wanted
        negated = self.take("keyword", "not")
        passes = (
            self._range(kind)
            if negated or (self.rest[:1] and self.rest[0][0] == "keyword")
            else self._sign(kind)
        )

        def test(row: Row) -> bool | None:
            value = typed(row.get(name, NULL_VALUE), kind)
            return None if value is None else passes(value) != negated

        return test

    def _sign(self, kind: str) -> Callable[[Any], bool]:
        found, sign = self.next()
        if found != "sign" or sign not in _COMPARE:
            raise _wrong(f"{sign} is no comparison")
        other, compare = self._literal(kind), _COMPARE[sign]
        return lambda value: compare(value, other)

    def _range(self, kind: str) -> Callable[[Any], bool]:
        if self.take("keyword", "between"):
            low = self._literal(kind)
            self.expect("keyword", "and")
            high = self._literal(kind)
            return lambda value: bool(low <= value <= high)
        if self.take("keyword", "like"):
            pattern = _pattern(self._literal("string"))
            return lambda value: pattern.fullmatch(str(value)) is not None
        self.expect("keyword", "in")
        self.expect("sign", "(")
        values = [self._literal(kind)]
        while self.take("sign", ","):
            values.append(self._literal(kind))
        self.expect("sign", ")")
        return lambda value: value in values

    def _key(self) -> tuple[str, str]:
        found, text = self.next()
        name = text.strip('"`').lower()
        if found not in ("word", "quoted") or name not in self.types:
            raise _wrong(f"{text} is no partition key")
        kind = self.types[name]
        if _base(kind) not in _READ:
            raise _wrong(f"partition keys of type {kind} cannot be compared")
        return name, kind

    def _literal(self, kind: str) -> Any:
        if _base(kind) in ("date", "timestamp"):
            self.take("keyword", _base(kind))
        found, text = self.next()
        if found == "text":
            text = text[1:-1].replace("''", "'")
        value = typed(text, kind) if found in ("text", "number") else None
        if value is None:
            raise _wrong(f"{text} is no value of type {kind}")
        return value


def _either(values: list[bool | None]) -> bool | None:
    return True if True in values else (None if None in values else False)


def _opposite(value: bool | None) -> bool | None:  # noqa: FBT001
    return None if value is None else not value


def _pattern(like: str) -> re.Pattern[str]:
    wild = {"%": ".*", "_": "."}
    return re.compile("".join(wild.get(sign, re.escape(sign)) for sign in like), re.DOTALL)
