"""Search vectors made here and not in PostgreSQL: three times as quick, and letter for letter the same.

A vector holds each word as it is, for prefixes, and at the same place its stem, so that "claim" finds "claims"; by the
weights A the name, B what people wrote about it, C what it consists of. The stems are PostgreSQL's own, asked for once.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import chain
from operator import add

from django.db import connection

MOST_WORDS = 8_000
"""A vector does not count its positions to the end."""
MOST_PLACES = 250
"""Places of one word: PostgreSQL forgets those after the 255th."""

# PostgreSQL's parser reads 1e5 as a number; other letters and digits of ASCII it takes for one word, as we do.
_NUMBER = re.compile(r"\d+e")
LONGEST_WORD = 500
_PLACES = {letter: [f":{at}{letter}" for at in range(1, MOST_WORDS + 1)] for letter in "ABC"}

_STEMS = "SELECT word, coalesce(nullif((ts_lexize('english_stem', word))[1], word), '') FROM unnest(%s::text[]) AS word"
_LAID_OVER = """(
  SELECT coalesce(string_agg(lexeme || ':' || array_to_string(positions, ','), ' '), '')::tsvector FROM (
    SELECT * FROM unnest(to_tsvector('simple', {text})) UNION ALL
    SELECT * FROM unnest(to_tsvector('english', {text}))) AS one)"""
VECTOR = " || ".join(f"setweight({_LAID_OVER.format(text=letter)}, '{letter}')" for letter in "abc")
"""What PostgreSQL makes of `index_text`s in the columns a, b and c. None of their words needs quotes."""


class Stems(dict[str, str]):
    """Word → stem, empty for a stop word and for a word that is its own stem.

    The English configuration stems what has letters only: the rest, every number among it, is not kept. `strange` are
    the words that PostgreSQL's parser may not take for one, as we do.
    """

    def __init__(self) -> None:
        self.strange: set[str] = set()

    def learn(self, words: Collection[str]) -> None:
        """Asks PostgreSQL for all that are new, by one query, and keeps them."""
        new = set(words).difference(self)
        strange = {word for word in new if _is_strange(word)}
        self.strange |= strange
        stemmed = sorted(filter(str.isalpha, new - strange))
        if stemmed:
            with connection.cursor() as cursor:
                cursor.execute(_STEMS, [stemmed])
                self.update(cursor.fetchall())

    def are_plain(self, words: Sequence[str]) -> bool:
        """Whether none of these, which were learnt, is strange."""
        return not self.strange or self.strange.isdisjoint(words)


def vector_text(weights: Sequence[Sequence[str]], stems: Stems) -> str | None:
    """`VECTOR` in PostgreSQL's notation: `weights` are the words of A, B and C, learnt by `stems` before.

    A word may stand in it several times; PostgreSQL puts its places together, and is quicker at that than we.
    None when a word is one that PostgreSQL must read itself, or stands so often that it would forget a place.
    """
    if sum(map(len, weights)) > MOST_WORDS or not all(map(stems.are_plain, weights)):
        return None
    said: list[str] = []
    end = 0
    for letter, words in zip("ABC", weights, strict=True):
        places = _PLACES[letter][end : end + len(words)]
        said += map(add, words, places)
        stemmed = map(stems.get, words)
        said += [stem + place for stem, place in zip(stemmed, places, strict=True) if stem]
        end += len(words)
    return None if end > MOST_PLACES and _forgets(weights, stems) else " ".join(said)


def _is_strange(word: str) -> bool:
    return not word.isascii() or len(word) > LONGEST_WORD or _NUMBER.match(word) is not None


def _forgets(weights: Sequence[Sequence[str]], stems: Stems) -> bool:
    times = Counter(chain.from_iterable(weights))
    for word, count in list(times.items()):
        times[stems.get(word, "")] += count
    del times[""]
    return max(times.values()) > MOST_PLACES
