"""Row rules: which rows of a table an access covers, as a tree, and its one canonical text.

The grammar is the documented part of PartiQL for row filters (AWS, "PartiQL support in row filter expressions"):
a column compared with literals by = <> < <= > >=, IN, BETWEEN, LIKE, IS NULL; AND, OR, NOT, parentheses. What a
person typed is never handed on: only the text printed from its tree is.
"""

import re
from dataclasses import dataclass

LONGEST = 2048
"""Characters of an expression (AWS, same page)."""
PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
KEYWORDS = frozenset(
    ["and", "or", "not", "in", "between", "like", "is", "null", "true", "false", "date", "timestamp"]
)
LOOSEST, TIGHTER, TIGHTEST = 0, 1, 2
"""How strongly the parts of a rule are bound: OR, then AND, then NOT."""


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
        return f"{named(self.column)} {self.sign} {self.value}"


@dataclass(frozen=True)
class OneOf:
    column: str
    values: tuple[Literal, ...]
    negated: bool = False

    def __str__(self) -> str:
        word = "NOT IN" if self.negated else "IN"
        return f"{named(self.column)} {word} ({', '.join(map(str, self.values))})"


@dataclass(frozen=True)
class Within:
    """BETWEEN, both ends included."""

    column: str
    low: Literal
    high: Literal
    negated: bool = False

    def __str__(self) -> str:
        return f"{named(self.column)} {'NOT ' if self.negated else ''}BETWEEN {self.low} AND {self.high}"


@dataclass(frozen=True)
class Like:
    column: str
    pattern: Literal
    negated: bool = False

    def __str__(self) -> str:
        return f"{named(self.column)} {'NOT ' if self.negated else ''}LIKE {self.pattern}"


@dataclass(frozen=True)
class Missing:
    """IS NULL."""

    column: str
    negated: bool = False

    def __str__(self) -> str:
        return f"{named(self.column)} IS {'NOT ' if self.negated else ''}NULL"


@dataclass(frozen=True)
class Not:
    part: "Rule"

    def __str__(self) -> str:
        return f"NOT {_bound(self.part, TIGHTEST)}"


@dataclass(frozen=True)
class All:
    """AND of two parts or more, none of them an AND itself."""

    parts: tuple["Rule", ...]

    def __str__(self) -> str:
        return " AND ".join(_bound(part, TIGHTER) for part in self.parts)


@dataclass(frozen=True)
class Some:
    """OR of two parts or more, none of them an OR itself."""

    parts: tuple["Rule", ...]

    def __str__(self) -> str:
        return " OR ".join(_bound(part, LOOSEST) for part in self.parts)


Rule = Comparison | OneOf | Within | Like | Missing | Not | All | Some


def all_of(parts: list[Rule]) -> Rule:
    """Their AND, flat."""
    flat = [one for part in parts for one in (part.parts if isinstance(part, All) else (part,))]
    return flat[0] if len(flat) == 1 else All(tuple(flat))


def some_of(parts: list[Rule]) -> Rule:
    """Their OR, flat."""
    flat = [one for part in parts for one in (part.parts if isinstance(part, Some) else (part,))]
    return flat[0] if len(flat) == 1 else Some(tuple(flat))


def negation(part: Rule) -> Rule:
    """NOT; two of them are none, also where a value is NULL."""
    return part.part if isinstance(part, Not) else Not(part)


def columns_of(rule: Rule) -> frozenset[str]:
    """The columns that the rule looks at."""
    if isinstance(rule, Not):
        return columns_of(rule.part)
    if isinstance(rule, All | Some):
        return frozenset(name for part in rule.parts for name in columns_of(part))
    return frozenset({rule.column})


def named(column: str) -> str:
    """A column as it stands in a rule: quoted where it would be read as something else."""
    plain = PLAIN.fullmatch(column) and column not in KEYWORDS
    return column if plain else f'"{column}"'


def _bound(part: Rule, strength: int) -> str:
    weaker = isinstance(part, Some) and strength > LOOSEST
    weaker = weaker or (isinstance(part, All) and strength > TIGHTER)
    return f"({part})" if weaker else str(part)
