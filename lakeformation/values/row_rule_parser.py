"""From what a person typed to a row rule, or to the place and the reason why it is none."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lakeformation.values import row_rules
from lakeformation.values.row_rules import (
    KEYWORDS,
    LONGEST,
    Comparison,
    Like,
    Literal,
    Missing,
    OneOf,
    Rule,
    Within,
)

DEEPEST = 30
"""Levels of parentheses: far more than anyone reads, far fewer than would exhaust a reader."""
TOKEN = re.compile(
    r"""(?P<text>'(?:[^']|'')*')|(?P<number>[+-]?\d+(?:\.\d+)?)(?![\w.])|(?P<quoted>"[^"]+")"""
    r"""|(?P<word>[A-Za-z_]\w*)|(?P<sign><=|>=|<>|!=|[=<>(),])""",
    re.ASCII,
)
SIGNS = frozenset({"=", "<>", "!=", "<", "<=", ">", ">="})
NUMBERS = frozenset(["tinyint", "smallint", "int", "integer", "bigint", "float", "double", "real", "decimal"])
TEXTS = frozenset({"string", "varchar", "char"})
MOMENTS = {
    "date": re.compile(r"\d{4}-\d\d-\d\d", re.ASCII),
    "timestamp": re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?", re.ASCII),
}
KINDS = dict.fromkeys(NUMBERS, "number") | dict.fromkeys(TEXTS, "text")
KINDS |= {"boolean": "boolean", "date": "date", "timestamp": "timestamp"}
ARTICLES = {"text": "a text in 'quotes'", "number": "a number", "boolean": "true or false"}
ARTICLES |= {
    "date": "a day such as DATE '2026-01-31'",
    "timestamp": "a time such as TIMESTAMP '2026-01-31 08:00:00'",
}


class RowRuleError(ValueError):
    """The text is no row rule. `position` counts characters from 1; `reason` is a phrase."""

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


def parse(text: str, types: Mapping[str, str] | None = None) -> Rule:
    """The rule that `text` says of a table whose columns, partition keys too, have these Glue types.

    Without types any column will do, and a value's kind is the one it is written as. RowRuleError.
    """
    reader = _Reader(_tokens(text), types)
    rule = reader.some()
    if reader.next.kind != "end":
        raise RowRuleError(f"{reader.next.text} is not expected here", reader.next.position)
    if len(str(rule)) > LONGEST:
        raise RowRuleError(f"a row filter can have at most {LONGEST:,} characters", LONGEST)
    return rule


def canonical_rule(text: str) -> str:
    """The canonical text of a rule read back from AWS; the text itself where it is none of ours."""
    try:
        return str(parse(text))
    except RowRuleError:
        return text


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    start = 0
    while start < len(text):
        if text[start].isspace():
            start += 1
            continue
        match = TOKEN.match(text, start)
        if match is None or match.lastgroup is None:
            raise RowRuleError(f"{text[start : start + 12]} cannot be read", start + 1)
        kind, word = match.lastgroup, match[match.lastgroup]
        is_keyword = kind == "word" and word.lower() in KEYWORDS
        found.append(
            Token("keyword" if is_keyword else kind, word.lower() if is_keyword else word, start + 1)
        )
        start = match.end()
    return [*found, Token("end", "", len(text) + 1)]


class _Reader:
    """Recursive descent: OR binds least, then AND, then NOT."""

    def __init__(self, tokens: list[Token], types: Mapping[str, str] | None) -> None:
        self._tokens = tokens
        self._types = None if types is None else {name.lower(): kind for name, kind in types.items()}
        self._at = 0
        self._depth = 0

    @property
    def next(self) -> Token:
        return self._tokens[self._at]

    def some(self) -> Rule:
        parts = [self._all()]
        while self._take("or"):
            parts.append(self._all())
        return row_rules.some_of(parts)

    def _all(self) -> Rule:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return row_rules.all_of(parts)

    def _one(self) -> Rule:
        negated = False
        while self._take("not"):
            negated = not negated
        rule = self._inner() if self.next.text == "(" else self._condition()
        return row_rules.negation(rule) if negated else rule

    def _inner(self) -> Rule:
        opened = self._step()
        self._depth += 1
        if self._depth > DEEPEST:
            raise RowRuleError("the parentheses are nested too deeply", opened.position)
        rule = self.some()
        self._expect(")")
        self._depth -= 1
        return rule

    def _condition(self) -> Rule:
        column, kind = self._column()
        if self._take("is"):
            negated = self._take("not")
            self._expect("null")
            return Missing(column, negated=negated)
        if kind == "other":
            type_ = (self._types or {})[column]
            raise RowRuleError(
                f"{column} is {type_[:40]}, which can't be compared with anything", self.next.position
            )
        if self.next.kind == "sign" and self.next.text in SIGNS:
            sign = self._step().text.replace("!=", "<>")
            return Comparison(column, sign, self._literal(kind))
        return self._range(column, kind, negated=self._take("not"))

    def _range(self, column: str, kind: str, *, negated: bool) -> Rule:
        if self._take("between"):
            low = self._literal(kind)
            self._expect("and")
            return Within(column, low, self._literal(kind), negated=negated)
        if self.next.text == "like":
            like = self._step()
            if kind not in {"text", ""}:
                raise RowRuleError(f"LIKE needs a text column, and {column} is not one", like.position)
            return Like(column, self._literal("text"), negated=negated)
        self._expect("in", "a comparison, IN, BETWEEN, LIKE or IS NULL")
        self._expect("(")
        values = [self._literal(kind)]
        while self._take(","):
            values.append(self._literal(kind))
        self._expect(")")
        return OneOf(column, tuple(values), negated=negated)

    def _column(self) -> tuple[str, str]:
        """Its name, and the kind of its values: empty when not known, `other` when nothing compares with it."""
        token = self._step()
        if token.kind not in {"word", "quoted"}:
            raise RowRuleError(f"{_shown(token)} is here, but a column is expected", token.position)
        name = token.text.strip('"').lower()
        if self._types is None:
            return name, ""
        if name not in self._types:
            raise RowRuleError(f"there is no column {name}", token.position)
        return name, KINDS.get(self._types[name].lower().partition("(")[0].strip(), "other")

    def _literal(self, kind: str) -> Literal:
        """A value of the column's kind. A day or a time may stand without the word before it."""
        word = (
            self._step() if self.next.text in {"date", "timestamp"} and self.next.kind == "keyword" else None
        )
        token = self._step()
        found = {"text": "text", "number": "number"}.get(token.kind, "")
        if token.kind == "keyword" and token.text in {"true", "false"}:
            found = "boolean"
        if word is not None:
            found = word.text if found == "text" else ""
        elif found == "text" and kind in {"date", "timestamp"}:
            found = kind
        if not found or (kind and found != kind):
            needed = ARTICLES.get(kind, "a value")
            raise RowRuleError(f"{_shown(token)} is here, but {needed} is expected", token.position)
        return _literal(found, token)

    def _step(self) -> Token:
        token = self.next
        if token.kind != "end":
            self._at += 1
        return token

    def _take(self, text: str) -> bool:
        if self.next.text == text and self.next.kind in {"keyword", "sign"}:
            self._at += 1
            return True
        return False

    def _expect(self, text: str, words: str = "") -> None:
        token = self.next
        if not self._take(text):
            raise RowRuleError(
                f"{_shown(token)} is here, but {words or text.upper()} is expected", token.position
            )


def _shown(token: Token) -> str:
    return "the end" if token.kind == "end" else token.text[:40]


def _literal(kind: str, token: Token) -> Literal:
    if kind == "number":
        return Literal(kind, _number(token.text))
    value = token.text[1:-1].replace("''", "'") if token.kind == "text" else token.text
    if kind in MOMENTS and not _is_moment(kind, value):
        what = "day" if kind == "date" else "time"
        raise RowRuleError(f"{token.text[:40]} is not a valid {what}", token.position)
    return Literal(kind, value)


def _is_moment(kind: str, value: str) -> bool:
    if MOMENTS[kind].fullmatch(value) is None:
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _number(text: str) -> str:
    """Without a plus, leading zeros or zeros behind: equal numbers have one text."""
    whole, _dot, part = text.lstrip("+-").partition(".")
    plain = (whole.lstrip("0") or "0") + (f".{part.rstrip('0')}" if part.rstrip("0") else "")
    return f"-{plain}" if text.startswith("-") and plain != "0" else plain
