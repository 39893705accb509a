"""Row filters: which rows of a table an access covers, as a syntax tree with one canonical text.

The grammar is the documented part of PartiQL for row filters (AWS, "PartiQL support in row filter expressions"):
a column compared with literals by = <> < <= > >=, IN, BETWEEN, LIKE, IS NULL; AND, OR, NOT, parentheses. What a
person typed is never sent to AWS: only the text printed from its tree is.
"""

import re
from dataclasses import dataclass

MAX_LENGTH = 2048
"""Characters of an expression (AWS, same page)."""
PLAIN_NAME_PATTERN = re.compile(r"[a-z_][a-z0-9_]*")
KEYWORDS = frozenset(
    ["and", "or", "not", "in", "between", "like", "is", "null", "true", "false", "date", "timestamp"]
)
OR_PRECEDENCE, AND_PRECEDENCE, NOT_PRECEDENCE = 0, 1, 2
"""How strongly the parts of a row filter bind: OR, then AND, then NOT."""


@dataclass(frozen=True)
class Literal:
    """`kind` is text, number, boolean, date or timestamp; `value` is without quotes."""

    kind: str
    value: str

    def __str__(self) -> str:
        if self.kind in {"number", "boolean"}:
            return self.value
        quoted = "'" + self.value.replace("'", "''") + "'"
        return quoted if self.kind == "text" else f"{self.kind.upper()} {quoted}"


@dataclass(frozen=True)
class Comparison:
    """`sign` is one of = <> < <= > >=."""

    column: str
    sign: str
    value: Literal

    def __str__(self) -> str:
        return f"{quote_column(self.column)} {self.sign} {self.value}"


@dataclass(frozen=True)
class OneOf:
    column: str
    values: tuple[Literal, ...]
    negated: bool = False

    def __str__(self) -> str:
        word = "NOT IN" if self.negated else "IN"
        return f"{quote_column(self.column)} {word} ({', '.join(map(str, self.values))})"


@dataclass(frozen=True)
class Between:
    """BETWEEN, both ends included."""

    column: str
    low: Literal
    high: Literal
    negated: bool = False

    def __str__(self) -> str:
        return (
            f"{quote_column(self.column)} {'NOT ' if self.negated else ''}BETWEEN {self.low} AND {self.high}"
        )


@dataclass(frozen=True)
class Like:
    column: str
    pattern: Literal
    negated: bool = False

    def __str__(self) -> str:
        return f"{quote_column(self.column)} {'NOT ' if self.negated else ''}LIKE {self.pattern}"


@dataclass(frozen=True)
class IsNull:
    """IS NULL."""

    column: str
    negated: bool = False

    def __str__(self) -> str:
        return f"{quote_column(self.column)} IS {'NOT ' if self.negated else ''}NULL"


@dataclass(frozen=True)
class Not:
    part: "RowFilter"

    def __str__(self) -> str:
        return f"NOT {_parenthesize(self.part, NOT_PRECEDENCE)}"


@dataclass(frozen=True)
class And:
    """AND of two parts or more, none of them an AND itself."""

    parts: tuple["RowFilter", ...]

    def __str__(self) -> str:
        return " AND ".join(_parenthesize(part, AND_PRECEDENCE) for part in self.parts)


@dataclass(frozen=True)
class Or:
    """OR of two parts or more, none of them an OR itself."""

    parts: tuple["RowFilter", ...]

    def __str__(self) -> str:
        return " OR ".join(_parenthesize(part, OR_PRECEDENCE) for part in self.parts)


RowFilter = Comparison | OneOf | Between | Like | IsNull | Not | And | Or


def join_with_and(parts: list[RowFilter]) -> RowFilter:
    """Their AND, flat, each part once."""
    flat = dict.fromkeys(one for part in parts for one in (part.parts if isinstance(part, And) else (part,)))
    return next(iter(flat)) if len(flat) == 1 else And(tuple(flat))


def join_with_or(parts: list[RowFilter]) -> RowFilter:
    """Their OR, flat, each part once."""
    flat = dict.fromkeys(one for part in parts for one in (part.parts if isinstance(part, Or) else (part,)))
    return next(iter(flat)) if len(flat) == 1 else Or(tuple(flat))


def negate(part: RowFilter) -> RowFilter:
    """NOT; a double negation is removed, also correct for NULL."""
    return part.part if isinstance(part, Not) else Not(part)


def list_columns(row_filter: RowFilter) -> frozenset[str]:
    """The columns that the row filter uses."""
    if isinstance(row_filter, Not):
        return list_columns(row_filter.part)
    if isinstance(row_filter, And | Or):
        return frozenset(name for part in row_filter.parts for name in list_columns(part))
    return frozenset({row_filter.column})


def quote_column(column: str) -> str:
    """The column name, quoted if it is not a plain name."""
    plain = PLAIN_NAME_PATTERN.fullmatch(column) and column not in KEYWORDS
    return column if plain else f'"{column}"'


def _parenthesize(part: RowFilter, strength: int) -> str:
    weaker = isinstance(part, Or) and strength > OR_PRECEDENCE
    weaker = weaker or (isinstance(part, And) and strength > AND_PRECEDENCE)
    return f"({part})" if weaker else str(part)
