"""Splits text into words, in documents and in searches alike, so that each spelling of a code has the same words. Pure."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from catalog.search.index.codes import (
    CONNECTORS,
    Word,
    are_one_code,
    join_codes,
    measure_gap,
    split_code,
)

MAX_TEXT = 200_000
"""Characters of one text that are indexed."""
MAX_JOINED, MAX_JOINED_NAME = 4, 64
"""Parts of a word with hyphens, dots or slashes, and characters of a name, that are also indexed as one word."""

_ALWAYS_APART = dict.fromkeys((at for at in range(128) if not re.match(rf"[\w{CONNECTORS}]", chr(at))), " ")
"""Characters between the words of plain text."""


_ENDS = "-_./"
_SIMPLE_NAME = re.compile(r"[a-z]{2,}(?:_(?:[a-z]{2,}|[0-9]+))+")


class IndexedWords(NamedTuple):
    """The words that are indexed for one word: its `parts` in order; those `joined` that people may type as one;
    those that are `typed` so, with a digit.
    """

    parts: tuple[str, ...]
    joined: tuple[str, ...]
    typed: tuple[str, ...]


def words(text: str, *, is_name: bool = False) -> Iterator[Word]:
    """The parts of every word: `landsat8` has landsat, 8, and `gold_claims` gold, claims. In a name, which identifies a
    table, column or the like, camel case is split too: `claimHistory` has claim, history, and `XMLFile` xml, file.
    """
    yield from join_codes(text, split_code(text, is_name=is_name))


def build_indexed_words(texts: Iterable[str], names: Iterable[str], vocabulary: list[str]) -> list[str]:
    """The words of all texts and names, which are also appended to `vocabulary`; then the joined words."""
    parts, joined = _collect("\n".join([text[:MAX_TEXT] for text in texts]), vocabulary, is_name=False)
    more, more_joined = _collect("\n".join([name[:MAX_TEXT] for name in names]), vocabulary, is_name=True)
    return [*parts, *more, *joined, *more_joined]


def _collect(text: str, vocabulary: list[str], *, is_name: bool) -> tuple[list[str], list[str]]:
    parts: list[str] = []
    joined: list[str] = []
    for word in text.translate(_ALWAYS_APART).split():
        if word.isalpha() and word.isascii() and (not is_name or word.islower()):
            if len(word) == 1 and parts and are_one_code(parts[-1], word.lower()):
                joined.append(parts[-1] + word.lower())
            parts.append(word.lower())
            continue
        indexed = _build_indexed(word.strip(_ENDS), is_name=is_name)
        if parts and indexed.parts and are_one_code(parts[-1], indexed.parts[0]):
            joined.append(parts[-1] + indexed.parts[0])
        parts += indexed.parts
        joined += indexed.joined
        vocabulary += indexed.typed
    vocabulary += parts
    return parts, joined


def _build_indexed(text: str, *, is_name: bool) -> IndexedWords:
    if is_name and len(text) <= MAX_JOINED_NAME and _SIMPLE_NAME.fullmatch(text):
        return IndexedWords(tuple(text.split("_")), (text.replace("_", ""),), ())
    return _split_code(text, is_name=is_name)


@lru_cache(maxsize=50_000)
def _split_code(text: str, *, is_name: bool) -> IndexedWords:
    parts = list(words(text, is_name=is_name))
    joined = dict.fromkeys(word.text for word in join_words(text, parts, is_name=is_name))
    typed = [each for each in joined if each == text and not each.isalpha()]
    return IndexedWords(tuple(word.text for word in parts), tuple(joined), tuple(typed))


def join_words(text: str, parts: Sequence[Word], *, is_name: bool = False) -> list[Word]:
    """What stands together, as one word: codes, the words between two blanks, and a word with its number."""
    connected = _split_runs(text, parts, ("", ".", "-"))
    if not is_name or len(text) > MAX_JOINED_NAME:
        connected = [run for run in connected if len(run) <= MAX_JOINED]
    gaps = ("",) if is_name else ("", ".", "-")
    numbered = [
        [word, following]
        for word, following in pairwise(parts)
        if following.is_number and word.text.isalpha() and measure_gap(text, word, following) in gaps
    ]
    runs = [run for run in (*_split_runs(text, parts, ("",)), *connected, *numbered) if len(run) > 1]
    joined = [Word("".join(word.text for word in run), run[0].start, run[-1].end) for run in runs]
    known = set(parts)
    codes = [word for word in join_codes(text, parts, is_apart=True) if word not in known]
    return [word for word in (*joined, *codes) if not word.is_number]


def _split_runs(text: str, parts: Iterable[Word], gaps: Collection[str]) -> list[list[Word]]:
    """Words that follow each other with such a gap between."""
    runs: list[list[Word]] = []
    for word in parts:
        if runs and measure_gap(text, runs[-1][-1], word) in gaps:
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs
