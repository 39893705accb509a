"""Row filters: which rows of a table an access covers, as a syntax tree with one canonical text.

The grammar is the documented part of PartiQL for row filters (AWS, "PartiQL support in row filter expressions"):
a column compared with literals by = <> < <= > >=, IN, BETWEEN, LIKE, IS NULL; AND, OR, NOT, parentheses. What a
person typed is never sent to AWS: only the text printed from its tree is.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

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


MAX_DEPTH = 30
"""Maximum nesting of parentheses."""
TOKEN_PATTERN = re.compile(
    r"""(?P<text>'(?:[^']|'')*')|(?P<number>[+-]?\d+(?:\.\d+)?)(?![\w.])|(?P<quoted>"[^"]+")"""
    r"""|(?P<word>[A-Za-z_]\w*)|(?P<sign><=|>=|<>|!=|[=<>(),])""",
    re.ASCII,
)
COMPARISON_SIGNS = frozenset({"=", "<>", "!=", "<", "<=", ">", ">="})
NUMBER_TYPES = frozenset(
    ["tinyint", "smallint", "int", "integer", "bigint", "float", "double", "real", "decimal"]
)
TEXT_TYPES = frozenset({"string", "varchar", "char"})
TIME_PATTERNS = {
    "date": re.compile(r"\d{4}-\d\d-\d\d", re.ASCII),
    "timestamp": re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?", re.ASCII),
}
KINDS_BY_TYPE = dict.fromkeys(NUMBER_TYPES, "number") | dict.fromkeys(TEXT_TYPES, "text")
KINDS_BY_TYPE |= {"boolean": "boolean", "date": "date", "timestamp": "timestamp"}
KIND_DESCRIPTIONS = {"text": "a text in 'quotes'", "number": "a number", "boolean": "true or false"}
KIND_DESCRIPTIONS |= {
    "date": "a day such as DATE '2026-01-31'",
    "timestamp": "a time such as TIMESTAMP '2026-01-31 08:00:00'",
}


class RowFilterError(ValueError):
    """The text is not a row filter. `position` counts characters from 1; `reason` is a phrase."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(f"{reason} (character {position})")
        self.reason = reason
        self.position = position


@dataclass(frozen=True)
class Token:
    """`kind` is text, number, quoted, word, keyword, sign or end; keywords are in small letters."""

    kind: str
    text: str
    position: int


def parse_row_filter(text: str, types: Mapping[str, str] | None = None) -> RowFilter:
    """The row filter in `text`, for a table whose columns and partition keys have these Glue types.

    Without types any column will do, and a value's kind is the one it is written as. RowFilterError.
    """
    tokens: list[Token] = []
    start = 0
    while start < len(text):
        if text[start].isspace():
            start += 1
            continue
        match = TOKEN_PATTERN.match(text, start)
        if match is None or match.lastgroup is None:
            raise RowFilterError(f"{text[start : start + 12]} cannot be read", start + 1)
        kind, word = match.lastgroup, match[match.lastgroup]
        is_keyword = kind == "word" and word.lower() in KEYWORDS
        tokens.append(
            Token("keyword" if is_keyword else kind, word.lower() if is_keyword else word, start + 1)
        )
        start = match.end()
    reader = _Parser([*tokens, Token("end", "", len(text) + 1)], types)
    rule = reader.parse_or()
    if reader.next.kind != "end":
        raise RowFilterError(f"{reader.next.text} is not expected here", reader.next.position)
    if len(str(rule)) > MAX_LENGTH:
        raise RowFilterError(f"a row filter can have at most {MAX_LENGTH:,} characters", MAX_LENGTH)
    return rule


def canonicalize_row_filter(text: str) -> str:
    """The canonical text of a row filter read back from AWS; the text itself where it cannot be parsed."""
    try:
        return str(parse_row_filter(text))
    except RowFilterError:
        return text


class _Parser:
    """Recursive descent: OR binds least, then AND, then NOT."""

    def __init__(self, tokens: list[Token], types: Mapping[str, str] | None) -> None:
        self._tokens = tokens
        self._types = None if types is None else {name.lower(): kind for name, kind in types.items()}
        self._index = 0
        self._depth = 0

    @property
    def next(self) -> Token:
        return self._tokens[self._index]

    def parse_or(self) -> RowFilter:
        parts = [self._parse_and()]
        while self._take("or"):
            parts.append(self._parse_and())
        return join_with_or(parts)

    def _parse_and(self) -> RowFilter:
        parts = [self._parse_not()]
        while self._take("and"):
            parts.append(self._parse_not())
        return join_with_and(parts)

    def _parse_not(self) -> RowFilter:
        negated = False
        while self._take("not"):
            negated = not negated
        if self.next.text == "(":
            opened = self._advance()
            self._depth += 1
            if self._depth > MAX_DEPTH:
                raise RowFilterError("the parentheses are nested too deeply", opened.position)
            rule = self.parse_or()
            self._expect(")")
            self._depth -= 1
        else:
            rule = self._parse_condition()
        return negate(rule) if negated else rule

    def _parse_condition(self) -> RowFilter:
        column, kind = self._parse_column()
        if self._take("is"):
            negated = self._take("not")
            self._expect("null")
            return IsNull(column, negated=negated)
        if kind == "other":
            type_ = (self._types or {})[column]
            raise RowFilterError(
                f"{column} is {type_[:40]}, which can't be compared with anything", self.next.position
            )
        if self.next.kind == "sign" and self.next.text in COMPARISON_SIGNS:
            sign = self._advance().text.replace("!=", "<>")
            return Comparison(column, sign, self._parse_literal(kind))
        return self._parse_range(column, kind, negated=self._take("not"))

    def _parse_range(self, column: str, kind: str, *, negated: bool) -> RowFilter:
        if self._take("between"):
            low = self._parse_literal(kind)
            self._expect("and")
            return Between(column, low, self._parse_literal(kind), negated=negated)
        if self.next.text == "like":
            like = self._advance()
            if kind not in {"text", ""}:
                raise RowFilterError(f"LIKE needs a text column, and {column} is not one", like.position)
            return Like(column, self._parse_literal("text"), negated=negated)
        self._expect("in", "a comparison, IN, BETWEEN, LIKE or IS NULL")
        self._expect("(")
        values = [self._parse_literal(kind)]
        while self._take(","):
            values.append(self._parse_literal(kind))
        self._expect(")")
        return OneOf(column, tuple(values), negated=negated)

    def _parse_column(self) -> tuple[str, str]:
        """Its name, and the kind of its values: empty when not known, `other` when nothing compares with it."""
        token = self._advance()
        if token.kind not in {"word", "quoted"}:
            raise RowFilterError(
                f"{_describe_token(token)} is here, but a column is expected", token.position
            )
        name = token.text.strip('"').lower()
        if self._types is None:
            return name, ""
        if name not in self._types:
            raise RowFilterError(f"there is no column {name}", token.position)
        return name, KINDS_BY_TYPE.get(self._types[name].lower().partition("(")[0].strip(), "other")

    def _parse_literal(self, kind: str) -> Literal:
        """A value of the column's kind. A day or a time may stand without the word before it."""
        word = (
            self._advance()
            if self.next.text in {"date", "timestamp"} and self.next.kind == "keyword"
            else None
        )
        token = self._advance()
        found = {"text": "text", "number": "number"}.get(token.kind, "")
        if token.kind == "keyword" and token.text in {"true", "false"}:
            found = "boolean"
        if word is not None:
            found = word.text if found == "text" else ""
        elif found == "text" and kind in {"date", "timestamp"}:
            found = kind
        if not found or (kind and found != kind):
            needed = KIND_DESCRIPTIONS.get(kind, "a value")
            raise RowFilterError(
                f"{_describe_token(token)} is here, but {needed} is expected", token.position
            )
        if found == "number":
            # Without a plus, leading zeros or zeros behind: equal numbers have one text.
            whole, _dot, part = token.text.lstrip("+-").partition(".")
            plain = (whole.lstrip("0") or "0") + (f".{part.rstrip('0')}" if part.rstrip("0") else "")
            return Literal(found, f"-{plain}" if token.text.startswith("-") and plain != "0" else plain)
        value = token.text[1:-1].replace("''", "'") if token.kind == "text" else token.text
        if found in TIME_PATTERNS and not _is_valid_time(found, value):
            what = "day" if found == "date" else "time"
            raise RowFilterError(f"{token.text[:40]} is not a valid {what}", token.position)
        return Literal(found, value)

    def _advance(self) -> Token:
        token = self.next
        if token.kind != "end":
            self._index += 1
        return token

    def _take(self, text: str) -> bool:
        if self.next.text == text and self.next.kind in {"keyword", "sign"}:
            self._index += 1
            return True
        return False

    def _expect(self, text: str, expectation: str = "") -> None:
        token = self.next
        if not self._take(text):
            raise RowFilterError(
                f"{_describe_token(token)} is here, but {expectation or text.upper()} is expected",
                token.position,
            )


def _describe_token(token: Token) -> str:
    return "the end" if token.kind == "end" else token.text[:40]


def _is_valid_time(kind: str, value: str) -> bool:
    if TIME_PATTERNS[kind].fullmatch(value) is None:
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
LISTS = {"in": "IN", "not in": "NOT IN"}
PATTERNS = {"starts with": "{}%", "contains": "%{}%"}
NULL_TESTS = {"is null": "IS NULL", "is not null": "IS NOT NULL"}
OPERATORS = (*COMPARISONS, *LISTS, *PATTERNS, *NULL_TESTS)


def add_condition(row_filter: str, column: str, operator: str, value: str, types: Mapping[str, str]) -> str:
    """The row filter and this condition, joined by AND. `operator` is one of OPERATORS; the values of a list are separated
    by commas. `types` are the Glue types of the table's columns. RowFilterError.
    """
    kind = KINDS_BY_TYPE.get(types.get(column, "").lower().partition("(")[0].strip(), "other")
    condition = parse_row_filter(f"{quote_column(column)} {_build_comparison(operator, value, kind)}", types)
    if isinstance(condition, And | Or):
        raise RowFilterError(f"{value[:40]} is not a value", 1)
    parts = [parse_row_filter(row_filter, types)] if row_filter.strip() else []
    return str(parse_row_filter(str(join_with_and([*parts, condition])), types))


def add_values(row_filter: str, column: str, values: Sequence[str], types: Mapping[str, str]) -> str:
    """The row filter with these values of a column: besides those that it names already, where a part of its AND names values of the
    column, else as another part. RowFilterError.
    """
    kind = KINDS_BY_TYPE.get(types.get(column, "").lower().partition("(")[0].strip(), "other")
    literals = ", ".join(_quote_value(value, kind) for value in values)
    condition = parse_row_filter(f"{quote_column(column)} IN ({literals})", types)
    assert isinstance(condition, OneOf)
    whole = [parse_row_filter(row_filter, types)] if row_filter.strip() else []
    parts = [part for rule in whole for part in (rule.parts if isinstance(rule, And) else (rule,))]
    same = next(
        (part for part in parts if _lists_values(part) and list_columns(part) == {condition.column}), None
    )
    if same is None:
        return str(parse_row_filter(str(join_with_and([*parts, condition])), types))
    values_before = list_values(same)[condition.column]
    merged = OneOf(condition.column, tuple(dict.fromkeys([*values_before, *condition.values])))
    return str(
        parse_row_filter(str(join_with_and([merged if part is same else part for part in parts])), types)
    )


def _lists_values(part: RowFilter) -> bool:
    return (isinstance(part, OneOf) and not part.negated) or (
        isinstance(part, Comparison) and part.sign == "="
    )


def list_values(row_filter: RowFilter) -> dict[str, tuple[Literal, ...]]:
    """By column, the values that a row must have one of, each once, wherever the row filter names them."""
    if isinstance(row_filter, And | Or):
        values_by_column: dict[str, tuple[Literal, ...]] = {}
        for part in row_filter.parts:
            for column, values in list_values(part).items():
                values_by_column[column] = tuple(dict.fromkeys([*values_by_column.get(column, ()), *values]))
        return values_by_column
    if isinstance(row_filter, OneOf) and _lists_values(row_filter):
        return {row_filter.column: row_filter.values}
    if isinstance(row_filter, Comparison) and _lists_values(row_filter):
        return {row_filter.column: (row_filter.value,)}
    return {}


def _build_comparison(operator: str, value: str, kind: str) -> str:
    if operator in NULL_TESTS:
        return NULL_TESTS[operator]
    if not value.strip():
        raise RowFilterError("a value is missing", 1)
    if operator in PATTERNS:
        return f"LIKE {Literal('text', PATTERNS[operator].format(value.strip()))}"
    if operator in LISTS:
        (texts,) = csv.reader([value], quotechar="'", skipinitialspace=True)
        return f"{LISTS[operator]} ({', '.join(_quote_value(text, kind) for text in texts if text.strip())})"
    return f"{operator} {_quote_value(value, kind)}"


def _quote_value(text: str, kind: str) -> str:
    """As it stands in a row filter; quotes that were typed around it are dropped."""
    plain = text.strip()
    if len(plain) > 1 and plain[0] == plain[-1] == "'":
        plain = plain[1:-1].replace("''", "'")
    return (
        plain if kind in {"number", "boolean"} else str(Literal(kind if kind != "other" else "text", plain))
    )
