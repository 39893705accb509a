"""Splits text into words, in documents and in searches alike: identifiers are split, accents folded. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

MAX_TEXT = 200_000
"""Characters of one text that are indexed."""

_IDENTIFIER = re.compile(r"\w+")
_PIECE = re.compile(r"[^\W_]+")
_SEPARATORS = dict.fromkeys((at for at in range(128) if not _IDENTIFIER.match(chr(at))), " ")
"""Characters between identifiers in plain text."""
_CAMEL_CASE = re.compile(r"[a-z0-9][A-Z]|[A-Z]{2}[a-z]")
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)


class Word(NamedTuple):
    """A folded word and its place in the text."""

    text: str
    start: int
    end: int


def fold(text: str) -> str:
    """Lower case without accents: "Zürich" and "zurich" are one word."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(sign for sign in apart if sign.isalnum())


def words(text: str) -> Iterator[Word]:
    """Every part of every identifier: `gold_claimHistory` has gold, claim, history, and `XMLFile` has xml, file."""
    for match in _PIECE.finditer(text):
        piece, start = match.group(), match.start()
        ends = [] if piece.islower() else [at for at in range(1, len(piece)) if _starts_word(piece, at)]
        for end in (*ends, len(piece)):
            stop = match.start() + end
            if folded := fold(text[start:stop]):
                yield Word(folded, start, stop)
            start = stop


def _starts_word(piece: str, at: int) -> bool:
    return piece[at].isupper() and (not piece[at - 1].isupper() or piece[at + 1 : at + 2].islower())


def indexed_words(texts: Iterable[str], vocabulary: list[str]) -> list[str]:
    """The parts of all identifiers, in order and also appended to `vocabulary`; then what people may type as one word."""
    whole = "\n".join([text[:MAX_TEXT] for text in texts])
    lower = whole.lower()
    if whole.isascii() and (lower == whole or not _CAMEL_CASE.search(whole)):
        return _plain_words(lower, vocabulary)
    found = [_indexed(identifier) for identifier in _IDENTIFIER.findall(whole)]
    parts = list(chain.from_iterable(each for each, _ in found))
    vocabulary += parts
    return parts + list(chain.from_iterable(joined for _, joined in found))


def _plain_words(lower: str, vocabulary: list[str]) -> list[str]:
    """The same for text without accents and camel case, as most of a catalog is, in a tenth of the time."""
    identifiers = lower.translate(_SEPARATORS)
    parts = identifiers.replace("_", " ").split()
    vocabulary += parts
    joined = [each.replace("_", "") for each in identifiers.split() if "_" in each and "_" in each.strip("_")]
    return parts + joined


@lru_cache(maxsize=50_000)
def _indexed(identifier: str) -> tuple[tuple[str, ...], list[str]]:
    """`gold_claimHistory` is gold, claim, history, and as one word goldclaimhistory and claimhistory."""
    pieces = [[word.text for word in words(piece)] for piece in {identifier, *identifier.split("_")}]
    parts = tuple(word.text for word in words(identifier))
    return parts, sorted("".join(piece) for piece in pieces if len(piece) > 1)
