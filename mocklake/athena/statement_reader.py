"""Reads statements of Hive's grammar that sqlglot has no tree for, token by token."""

from typing import Self

import sqlglot
from sqlglot.tokenizer_core import Token, TokenType

from mocklake.athena.failures import QueryFailedError
from mocklake.athena.names import CATALOG, TableName
from mocklake.athena.parsing import DIALECT


class StatementReader:
    """Names come in lower case, as Glue stores them. Raises QueryFailedError for what does not fit."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = sqlglot.tokenize(text, read=DIALECT)
        self._at = 0

    def accept(self, *words: str) -> bool:
        """Takes the words if they all come next."""
        coming = [one.text.upper() for one in self._tokens[self._at : self._at + len(words)]]
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
        if token.token_type in (TokenType.STRING, TokenType.NUMBER) or not token.text.strip():
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
        if token.token_type is not TokenType.STRING:
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
            if sign.token_type is not TokenType.STRING:
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
        column = max(0, token.col - len(token.text))
        return QueryFailedError(
            f"FAILED: ParseException line {token.line}:{column} mismatched input '{token.text}'"
        )

    def _next(self) -> Token:
        if self.is_at_end:
            raise self.unexpected()
        self._at += 1
        return self._tokens[self._at - 1]
