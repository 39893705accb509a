"""Row filter expressions: the documented part of PartiQL's WHERE, checked and written again as SQL. Pure.

Source: DG:partiql-support (comparisons, BETWEEN, IN, LIKE, IS NULL; AND, OR, NOT). A comparison has a column
on its left and literals on its right. Anything else is refused, so that what is stored can be run as it is.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache

from mocklake.condition_parser import Reader, tokens
from mocklake.errors import AwsError

LONGEST = 2048
SIGNS = ("=", "<>", "!=", "<", "<=", ">", ">=")
KEYWORDS = frozenset(
    ["and", "or", "not", "in", "between", "like", "is", "null", "true", "false", "date", "timestamp"]
)
NUMBERS = ("tinyint", "smallint", "int", "integer", "bigint", "float", "double", "real", "decimal")
TEXTS = ("string", "varchar", "char")


def to_sql(expression: str, types: Mapping[str, str]) -> str:
    """The same condition in SQL; `types` are the table's columns, partition keys among them.

    InvalidInputException for anything that is no condition on these columns.
    """
    if len(expression) > LONGEST:
        raise _wrong(f"it has more than {LONGEST} characters")
    return _Reader(tokens(expression, KEYWORDS, _wrong), types, _wrong).whole()


@cache
def columns_of(expression: str) -> frozenset[str]:
    """The columns that a condition names, in lower case."""
    read = tokens(expression, KEYWORDS, _wrong)
    return frozenset(text.strip('"').lower() for kind, text in read if kind in ("word", "quoted"))


def _wrong(reason: str) -> AwsError:
    return AwsError("InvalidInputException", f"Invalid row filter expression: {reason}.")


class _Reader(Reader[str]):
    """Writes SQL."""

    def either(self, parts: list[str]) -> str:
        return _joined(parts, " OR ")

    def every(self, parts: list[str]) -> str:
        return _joined(parts, " AND ")

    def opposite(self, part: str) -> str:
        return f"(NOT {part})"

    def condition(self) -> str:
        name = self._column()
        kind = self.types[name].lower().partition("(")[0].strip()
        column = '"' + name + '"'
        if self.take("keyword", "is"):
            absent = "NOT NULL" if self.take("keyword", "not") else "NULL"
            self.expect("keyword", "null")
            return f"({column} IS {absent})"
        if self.rest and self.rest[0] in {("sign", sign) for sign in SIGNS}:
            sign = self.rest.pop(0)[1]
            return f"({column} {sign.replace('!=', '<>')} {self._literal(kind)})"
        word = "NOT " if self.take("keyword", "not") else ""
        return f"({column} {word}{self._range(kind)})"

    def _range(self, kind: str) -> str:
        if self.take("keyword", "between"):
            low = self._literal(kind)
            self.expect("keyword", "and")
            return f"BETWEEN {low} AND {self._literal(kind)}"
        if self.take("keyword", "like"):
            if kind not in TEXTS:
                raise _wrong("LIKE needs a text column")
            return f"LIKE {self._literal(kind)}"
        self.expect("keyword", "in")
        self.expect("sign", "(")
        values = [self._literal(kind)]
        while self.take("sign", ","):
            values.append(self._literal(kind))
        self.expect("sign", ")")
        return f"IN ({', '.join(values)})"

    def _column(self) -> str:
        kind, text = self.next()
        name = text.strip('"').lower()
        if kind not in ("word", "quoted") or text.startswith("`"):
            raise _wrong(f"{text} is no column")
        if name not in self.types:
            raise _wrong(f"there is no column {name}")
        return name

    def _literal(self, kind: str) -> str:
        """A value of the column's kind: dates and times are texts, with or without the word before."""
        worded = kind in ("date", "timestamp") and self.take("keyword", kind)
        found, text = self.next()
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


def _joined(parts: list[str], word: str) -> str:
    return parts[0] if len(parts) == 1 else f"({word.join(parts)})"


def _moment(kind: str, text: str) -> str:
    try:
        (date if kind == "date" else datetime).fromisoformat(text.strip("'"))
    except ValueError as error:
        raise _wrong(f"{text} is no {kind}") from error
    return text
