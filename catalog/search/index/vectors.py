"""Search vectors in PostgreSQL's notation.

A vector contains each word as it is, for prefixes, and at the same position its stem, so that "claim" finds "claims"; with
weight A for the name, B for what people wrote about it, C for its parts, and D for where it is stored. PostgreSQL reads each word once. Putting vectors
together here takes a third of the time that PostgreSQL takes.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from itertools import accumulate
from operator import add

from django.db import connection

MAX_POSITION = 16_383
"""PostgreSQL's limit; further words are at the last position."""
MAX_CHARACTERS = 200_000
"""Of the words of one weight, as a vector holds one megabyte."""
FEW_WORDS = 50
"""Never as long as `MAX_CHARACTERS`."""

# PostgreSQL's parser reads 1e5 as a number. It reads any other ASCII letters and digits as one word.
_NUMBER = re.compile(r"\d+e")
MAX_PLAIN = 500
"""Characters of a word."""
_STEMS = "SELECT word, coalesce(nullif((ts_lexize('english_stem', word))[1], word), '') FROM unnest(%s::text[]) AS word"
_LEXEMES = """SELECT DISTINCT word, lexeme, position FROM unnest(%s::text[]) AS word CROSS JOIN LATERAL (
  SELECT lexeme, positions FROM unnest(to_tsvector('simple', word))
  UNION ALL SELECT lexeme, positions FROM unnest(to_tsvector('english', word))) AS read
CROSS JOIN LATERAL unnest(positions) AS position ORDER BY word, position, lexeme"""


class Lexicon:
    """What PostgreSQL reads in words.

    `stems`: word → stem, empty for a stop word and for a word that is its own stem; words with a digit have none.
    `lexemes`: of words that PostgreSQL may read otherwise than as one word, each with its position in the word.
    """

    def __init__(self) -> None:
        self.stems: dict[str, str] = {}
        self.lexemes: dict[str, list[tuple[str, int]]] = {}

    def __len__(self) -> int:
        return len(self.stems) + len(self.lexemes)

    def learn(self, words: Collection[str]) -> None:
        """One query for new words, and one for those that are not plain."""
        new = set(words).difference(self.stems, self.lexemes)
        special = {word for word in new if _is_special(word)}
        stemmed = sorted(filter(str.isalpha, new - special))
        with connection.cursor() as cursor:
            if stemmed:
                cursor.execute(_STEMS, [stemmed])
                self.stems.update(cursor.fetchall())
            if special:
                cursor.execute(_LEXEMES, [sorted(special)])
                found = defaultdict(list)
                for word, lexeme, position in cursor.fetchall():
                    found[word].append((lexeme, position))
                self.lexemes.update({word: found[word] for word in special})

    def read(self, word: str) -> list[tuple[str, int]]:
        """The lexemes of a word that was learnt, each with its position in it."""
        if word in self.lexemes:
            return self.lexemes[word]
        stem = self.stems.get(word)
        return [(word, 1), (stem, 1)] if stem else [(word, 1)]

    def are_plain(self, words: Iterable[str]) -> bool:
        return not self.lexemes or self.lexemes.keys().isdisjoint(words)


def vector_text(weights: Sequence[Sequence[str]], lexicon: Lexicon) -> str:
    """`weights` are the words of A, B, C and D, learnt by `lexicon` before. Words may be repeated: PostgreSQL joins them."""
    parts: list[str] = []
    end = 0
    for letter, words in zip("ABCD", map(_cut, weights), strict=True):
        if lexicon.are_plain(words):
            positions = _positions(letter)[end : end + len(words)]
            positions += [f":{MAX_POSITION}{letter}"] * (len(words) - len(positions))
            parts += map(add, words, positions)
            stems = map(lexicon.stems.get, words)
            parts += [stem + position for stem, position in zip(stems, positions, strict=True) if stem]
            end += len(words)
        else:
            for word in words:
                lexemes = lexicon.read(word)
                parts += [f"{each}:{min(end + at, MAX_POSITION)}{letter}" for each, at in lexemes]
                end += max((at for _, at in lexemes), default=0)
    return " ".join(parts)


@cache
def _positions(letter: str) -> list[str]:
    return [f":{at}{letter}" for at in range(1, MAX_POSITION + 1)]


def _cut(words: Sequence[str]) -> Sequence[str]:
    if len(words) <= FEW_WORDS or sum(map(len, words)) + len(words) <= MAX_CHARACTERS:
        return words
    ends = accumulate(len(word) + 1 for word in words)
    return words[: sum(end <= MAX_CHARACTERS for end in ends)]


def _is_special(word: str) -> bool:
    return not word.isascii() or len(word) > MAX_PLAIN or _NUMBER.match(word) is not None
