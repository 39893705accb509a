"""Words for the search: identifiers split, accents folded, the same at index and at query time. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

LONGEST_TEXT = 200_000
"""Characters of one weight that are indexed: a tsvector holds one megabyte at most."""

_IDENTIFIER = re.compile(r"\w+")
_PIECE = re.compile(r"[^\W_]+")
_BETWEEN = dict.fromkeys((at for at in range(128) if not _IDENTIFIER.match(chr(at))), " ")
"""What stands between identifiers in plain text: `str.translate` takes it out."""
_HUMP = re.compile(r"[a-z0-9][A-Z]|[A-Z]{2}[a-z]")
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)


class Word(NamedTuple):
    """A folded word and where it stands in the text it was read from."""

    text: str
    start: int
    end: int


def fold(text: str) -> str:
    """Lower case without accents: "Zürich" and "zurich" are one word."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(mark for mark in apart if not unicodedata.combining(mark))


def words(text: str) -> Iterator[Word]:
    """Every part of every identifier: `gold_claimHistory` yields gold, claim, history."""
    for piece in _PIECE.finditer(text):
        start = piece.start()
        for end in _humps(piece.group()):
            folded = _plain(text[start : piece.start() + end])
            if folded:
                yield Word(folded, start, piece.start() + end)
            start = piece.start() + end


def _humps(piece: str) -> Iterator[int]:
    """Where the parts of a camel-cased piece end: after Claim in ClaimHistory, after XML in XMLFile."""
    for at in () if piece.islower() else range(1, len(piece)):
        if piece[at].isupper():
            before, after = piece[at - 1], piece[at + 1 : at + 2]
            if not before.isupper() or after.islower():
                yield at
    yield len(piece)


def index_text(texts: Iterable[str]) -> str:
    """What is indexed of these texts: the parts of all identifiers, and what people may type in one piece."""
    return " ".join(indexed_words(texts, []))[:LONGEST_TEXT]


def indexed_words(texts: Iterable[str], parts: list[str]) -> list[str]:
    """The words of `index_text` and not yet cut: in order those that are parts, added to `parts` too; then the others."""
    whole = "\n".join([text[:LONGEST_TEXT] for text in texts])
    low = whole.lower()
    if whole.isascii() and (low == whole or not _HUMP.search(whole)):
        return _plain_words(low, parts)
    found = [_indexed(identifier) for identifier in _IDENTIFIER.findall(whole)]
    own = list(chain.from_iterable(each for each, _ in found))
    parts += own
    return own + list(chain.from_iterable(pieces for _, pieces in found))


def _plain_words(low: str, parts: list[str]) -> list[str]:
    """The same for text without accents and camels, which most of a catalog is, in a tenth of the time."""
    apart = low.translate(_BETWEEN)
    own = apart.replace("_", " ").split()
    parts += own
    joined = [each.replace("_", "") for each in apart.split() if "_" in each and "_" in each.strip("_")]
    return own + joined


def distinct_words(texts: Iterable[str]) -> set[str]:
    """The parts of all identifiers of these texts, as far as they are indexed."""
    return {
        part
        for text in texts
        for identifier in _IDENTIFIER.findall(text[:LONGEST_TEXT])
        for part in _parts(identifier)
    }


@lru_cache(maxsize=50_000)
def _parts(identifier: str) -> tuple[str, ...]:
    return tuple(word.text for word in words(identifier))


@lru_cache(maxsize=50_000)
def _indexed(identifier: str) -> tuple[tuple[str, ...], list[str]]:
    """`gold_claimHistory` is gold, claim, history, and in one piece goldclaimhistory and claimhistory."""
    pieces = [[word.text for word in words(piece)] for piece in {identifier, *identifier.split("_")}]
    return _parts(identifier), sorted("".join(piece) for piece in pieces if len(piece) > 1)


def _plain(part: str) -> str:
    folded = fold(part)
    return folded if folded.isalnum() else "".join(sign for sign in folded if sign.isalnum())
