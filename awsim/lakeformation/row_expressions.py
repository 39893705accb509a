"""Row filter expressions: the documented part of PartiQL's WHERE, checked and written again as SQL. Pure.

Source: DG:partiql-support (comparisons, BETWEEN, IN, LIKE, IS NULL; AND, OR, NOT). A comparison has a column
on its left and literals on its right. Anything else is refused, so that what is stored can be run as it is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache

from awsim.errors import AwsError

LONGEST = 2048
DEEPEST = 40
TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>[+-]?\d+(?:\.\d+)?)|(?P<quoted>"[^"]+")"""
    r"""|(?P<word>[A-Za-z_]\w*)|(?P<sign><=|>=|<>|!=|[=<>(),]))"""
)
SIGNS = ("=", "<>", "!=", "<", "<=", ">", ">=")
KEYWORDS = frozenset(
    ["and", "or", "not", "in", "between", "like", "is", "null", "true", "false", "date", "timestamp"]
)
NUMBERS = ("tinyint", "smallint", "int", "integer", "bigint", "float", "double", "real", "decimal")
TEXTS = ("string", "varchar", "char")
Token = tuple[str, str]


def to_sql(expression: str, types: Mapping[str, str]) -> str:
    """The same condition in SQL; `types` are the table's columns, partition keys among them.

    InvalidInputException for anything that is no condition on these columns.
    """
    if len(expression) > LONGEST:
        raise _wrong(f"it has more than {LONGEST} characters")
    reader = _Reader(_tokens(expression), types)
    sql = reader.any_of()
    if reader.rest:
        raise _wrong(f"unexpected {reader.rest[0][1]}")
    return sql


@cache
def columns_of(expression: str) -> frozenset[str]:
    """The columns that a condition names, in lower case."""
    tokens = _tokens(expression)
    return frozenset(text.strip('"').lower() for kind, text in tokens if kind in ("word", "quoted"))


def _wrong(reason: str) -> AwsError:
    return AwsError("InvalidInputException", f"Invalid row filter expression: {reason}.")


def _tokens(expression: str) -> list[Token]:
    found, start = [], 0
    expression = expression.strip()
    while start < len(expression):
        match = TOKEN.match(expression, start)
        if match is None or match.lastgroup is None:
            raise _wrong(f"unexpected {expression[start : start + 20]}")
        kind, text = match.lastgroup, match[match.lastgroup]
        is_keyword = kind == "word" and text.lower() in KEYWORDS
        found.append(("keyword", text.lower()) if is_keyword else (kind, text))
        start = match.end()
    return found


@dataclass
class _Reader:
    """Recursive descent: OR binds least, then AND, then NOT."""

    rest: list[Token]
    types: Mapping[str, str]
    depth: int = field(default=0)

    def any_of(self) -> str:
        self.depth += 1
        if self.depth > DEEPEST:
            raise _wrong("it is nested too deeply")
        parts = [self._all_of()]
        while self._take("keyword", "or"):
            parts.append(self._all_of())
        self.depth -= 1
        return _joined(parts, " OR ")

    def _all_of(self) -> str:
        parts = [self._one()]
        while self._take("keyword", "and"):
            parts.append(self._one())
        return _joined(parts, " AND ")

    def _one(self) -> str:
        negated = 0
        while self._take("keyword", "not"):
            negated += 1
        if self._take("sign", "("):
            inner = self.any_of()
            self._expect("sign", ")")
        else:
            inner = self._condition()
        return f"(NOT {inner})" if negated % 2 else inner

    def _condition(self) -> str:
        name = self._column()
        kind = self.types[name].lower().partition("(")[0].strip()
        column = '"' + name + '"'
        if self._take("keyword", "is"):
            absent = "NOT NULL" if self._take("keyword", "not") else "NULL"
            self._expect("keyword", "null")
            return f"({column} IS {absent})"
        if self.rest and self.rest[0] in {("sign", sign) for sign in SIGNS}:
            sign = self.rest.pop(0)[1]
            return f"({column} {sign.replace('!=', '<>')} {self._literal(kind)})"
        word = "NOT " if self._take("keyword", "not") else ""
        return f"({column} {word}{self._range(kind)})"

    def _range(self, kind: str) -> str:
        if self._take("keyword", "between"):
            low = self._literal(kind)
            self._expect("keyword", "and")
            return f"BETWEEN {low} AND {self._literal(kind)}"
        if self._take("keyword", "like"):
            if kind not in TEXTS:
                raise _wrong("LIKE needs a text column")
            return f"LIKE {self._literal(kind)}"
        self._expect("keyword", "in")
        self._expect("sign", "(")
        values = [self._literal(kind)]
        while self._take("sign", ","):
            values.append(self._literal(kind))
        self._expect("sign", ")")
        return f"IN ({', '.join(values)})"

    def _column(self) -> str:
        kind, text = self._next()
        name = text.strip('"').lower()
        if kind not in ("word", "quoted"):
            raise _wrong(f"{text} is no column")
        if name not in self.types:
            raise _wrong(f"there is no column {name}")
        return name

    def _literal(self, kind: str) -> str:
        """A value of the column's kind: dates and times are texts, with or without the word before."""
        worded = kind in ("date", "timestamp") and self._take("keyword", kind)
        found, text = self._next()
        if found == "text" and kind in ("date", "timestamp"):
            return f"{kind.upper()} {_moment(kind, text)}"
        fits = (
            (found == "text" and kind in TEXTS)
            or (found == "number" and kind in NUMBERS)
            or (found == "keyword" and text in ("true", "false") and kind == "boolean")
        )
        if worded or not fits:
            raise _wrong(f"{text} is no value of type {kind}")
        return text

    def _next(self) -> Token:
        if not self.rest:
            raise _wrong("it ends too early")
        return self.rest.pop(0)

    def _take(self, *token: str) -> bool:
        if self.rest and self.rest[0] == token:
            del self.rest[0]
            return True
        return False

    def _expect(self, kind: str, text: str) -> None:
        if not self._take(kind, text):
            raise _wrong(f"{text.upper()} is missing")


def _joined(parts: list[str], word: str) -> str:
    return parts[0] if len(parts) == 1 else f"({word.join(parts)})"


def _moment(kind: str, text: str) -> str:
    try:
        (date if kind == "date" else datetime).fromisoformat(text.strip("'"))
    except ValueError as error:
        raise _wrong(f"{text} is no {kind}") from error
    return text
