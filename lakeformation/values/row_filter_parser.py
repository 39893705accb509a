"""Parse a row filter; errors name the position and the reason."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lakeformation.values import row_filters
from lakeformation.values.row_filters import (
    KEYWORDS,
    MAX_LENGTH,
    Between,
    Comparison,
    IsNull,
    Like,
    Literal,
    OneOf,
    RowFilter,
)

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
    found: list[Token] = []
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
        found.append(
            Token("keyword" if is_keyword else kind, word.lower() if is_keyword else word, start + 1)
        )
        start = match.end()
    reader = _Parser([*found, Token("end", "", len(text) + 1)], types)
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
        return row_filters.join_with_or(parts)

    def _parse_and(self) -> RowFilter:
        parts = [self._parse_not()]
        while self._take("and"):
            parts.append(self._parse_not())
        return row_filters.join_with_and(parts)

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
        return row_filters.negate(rule) if negated else rule

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
