"""Reads statements that sqlglot has no tree for, token by token."""

import re
from dataclasses import dataclass
from typing import Self

from mocklake.athena.failures import QueryFailedError
from mocklake.athena.names import CATALOG, TableName

_TOKEN = re.compile(
    r"""'(?P<text>(?:[^'\\]|''|\\.)*)'|"(?P<double>(?:[^"]|"")*)"|`(?P<back>(?:[^`]|``)*)`|(?P<word>[\w$]+)|(?P<sign>\S)""",
    re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}
_ESCAPE = re.compile(r"''|\\u(?P<code>[0-9A-Fa-f]{4})|\\(?P<octal>[0-3][0-7]{2})|\\(?P<sign>.)", re.DOTALL)


@dataclass(frozen=True)
class _Token:
    """`kind` is text, double, back, word or sign."""

    kind: str
    text: str
    start: int


def _tokens(sql: str) -> list[_Token]:
    return [_token(found) for found in _TOKEN.finditer(sql)]


def _token(found: re.Match[str]) -> _Token:
    kind = str(found.lastgroup)
    text = found[kind]
    match kind:
        case "text":
            text = _ESCAPE.sub(_unescaped, text)
        case "double":
            text = text.replace('""', '"')
        case "back":
            text = text.replace("``", "`")
    return _Token(kind, text, found.start())


def _unescaped(found: re.Match[str]) -> str:
    if found["code"] or found["octal"]:
        return chr(int(found["code"], 16) if found["code"] else int(found["octal"], 8))
    sign = found["sign"]
    return _ESCAPES.get(sign, sign) if sign else "'"


class StatementReader:
    """Names come in lower case, as Glue stores them. Raises QueryFailedError for what does not fit."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._at = 0

    def accept(self, *words: str) -> bool:
        """Takes the words if they all come next."""
        next_ones = self._tokens[self._at : self._at + len(words)]
        coming = [one.text.upper() if one.kind in ("word", "sign") else "" for one in next_ones]
        if coming != list(words):
            return False
        self._at += len(words)
        return True

    def expect(self, *words: str) -> Self:
        if not self.accept(*words):
            raise self.unexpected()
        return self

    def choice(self, *words: str) -> str:
        for word in words:
            if self.accept(word):
                return word
        raise self.unexpected()

    def name(self) -> str:
        token = self._next()
        if token.kind in ("text", "sign") or not token.text.strip():
            raise self.unexpected(back=1)
        return token.text.lower()

    def path(self) -> list[str]:
        found = [self.name()]
        while self.accept("."):
            found.append(self.name())
        return found

    def table(self, database: str, catalog: str = CATALOG) -> TableName:
        parts = self.path()
        named = [catalog, database][: 3 - len(parts)] + parts
        if len(named) > len(("catalog", "database", "table")) or not named[1]:
            raise QueryFailedError("FAILED: SemanticException no database is named")
        return TableName(named[1].lower(), named[2], named[0].lower())

    def text(self) -> str:
        token = self._next()
        if token.kind != "text":
            raise self.unexpected(back=1)
        return token.text

    def value(self) -> str:
        """A text, a number or a word, as it stands."""
        sign = "-" if self.accept("-") else ""
        return sign + self._next().text

    def pairs(self) -> dict[str, str]:
        """`('a' = 'b', …)`, the keys as texts or names."""
        self.expect("(")
        found: dict[str, str] = {}
        while True:
            key = self._next().text
            self.expect("=")
            found[key] = self.value()
            if not self.accept(","):
                self.expect(")")
                return found

    def rest(self) -> str:
        """The text from here to the end, as it was written."""
        if self.is_at_end:
            return ""
        start = self._tokens[self._at].start
        self._at = len(self._tokens)
        return self._text[start:].strip()

    def parenthesised(self) -> str:
        """The text within parentheses that open here, as it was written."""
        self.expect("(")
        begin, depth = self._at, 1
        while depth:
            sign = self._next()
            if sign.kind == "sign":
                depth += {"(": 1, ")": -1}.get(sign.text, 0)
        start, end = self._tokens[begin].start, self._tokens[self._at - 1].start
        return self._text[start:end].strip()

    @property
    def is_at_end(self) -> bool:
        return self._at >= len(self._tokens)

    def end(self) -> None:
        if not self.is_at_end:
            raise self.unexpected()

    def unexpected(self, back: int = 0) -> QueryFailedError:
        place = self._at - back
        if place >= len(self._tokens):
            return QueryFailedError("FAILED: ParseException line 1:0 mismatched input '<EOF>'")
        token = self._tokens[place]
        before = self._text[: token.start]
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1)
        return QueryFailedError(
            f"FAILED: ParseException line {line}:{column} mismatched input '{token.text}'"
        )

    def _next(self) -> _Token:
        if self.is_at_end:
            raise self.unexpected()
        self._at += 1
        return self._tokens[self._at - 1]
