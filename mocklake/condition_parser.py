"""Reading conditions: their tokens, and the descent through OR, AND and NOT that every dialect of them shares. Pure."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

DEEPEST = 40
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>[+-]?\d+(?:\.\d+)?)|(?P<quoted>"[^"]+"|`[^`]+`)"""
    r"""|(?P<word>[A-Za-z_]\w*)|(?P<sign><=|>=|<>|!=|[=<>(),]))"""
)
Token = tuple[str, str]
Wrong = Callable[[str], Exception]
Part = TypeVar("Part")


def tokens(expression: str, keywords: Collection[str], wrong: Wrong) -> list[Token]:
    """Kind (text, number, quoted, word, keyword, sign) and text of each; raises what `wrong` makes of the rest."""
    found, start = [], 0
    expression = expression.strip()
    while start < len(expression):
        match = _TOKEN.match(expression, start)
        if match is None or match.lastgroup is None:
            raise wrong(f"unexpected {expression[start : start + 20]}")
        kind, text = match.lastgroup, match[match.lastgroup]
        is_keyword = kind == "word" and text.lower() in keywords
        found.append(("keyword", text.lower()) if is_keyword else (kind, text))
        start = match.end()
    return found


@dataclass
class Reader(ABC, Generic[Part]):
    """OR binds least, then AND, then NOT. A dialect says what a condition is, and how parts are joined.

    `rest` are the tokens not read yet, `types` the columns by lower-case name.
    """

    rest: list[Token]
    types: Mapping[str, str]
    wrong: Wrong
    depth: int = 0

    @abstractmethod
    def condition(self) -> Part:
        """What stands between NOT, AND, OR and parentheses."""

    @abstractmethod
    def either(self, parts: list[Part]) -> Part: ...

    @abstractmethod
    def every(self, parts: list[Part]) -> Part: ...

    @abstractmethod
    def opposite(self, part: Part) -> Part: ...

    def whole(self) -> Part:
        """All of it; raises when something is left over."""
        part = self.any_of()
        if self.rest:
            raise self.wrong(f"unexpected {self.rest[0][1]}")
        return part

    def any_of(self) -> Part:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.wrong("it is nested too deeply")
        parts = [self._all_of()]
        while self.take("keyword", "or"):
            parts.append(self._all_of())
        self.depth -= 1
        return self.either(parts)

    def _all_of(self) -> Part:
        parts = [self._one()]
        while self.take("keyword", "and"):
            parts.append(self._one())
        return self.every(parts)

    def _one(self) -> Part:
        negated = False
        while self.take("keyword", "not"):
            negated = not negated
        if self.take("sign", "("):
            part = self.any_of()
            self.expect("sign", ")")
        else:
            part = self.condition()
        return self.opposite(part) if negated else part

    def next(self) -> Token:
        if not self.rest:
            raise self.wrong("it ends too early")
        return self.rest.pop(0)

    def take(self, *token: str) -> bool:
        """Whether the next token is this one, which is then read."""
        if self.rest and self.rest[0] == token:
            del self.rest[0]
            return True
        return False

    def expect(self, kind: str, text: str) -> None:
        if not self.take(kind, text):
            raise self.wrong(f"{text.upper()} is missing")
