"""Codes such as `landsat8`, `landsat-8` and `Landsat 8`: where they are split, and what is one word however it is spelled. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from catalog.search.index.vocabulary import STOP_WORDS

MAX_CHANGES = 6
"""A hash changes between letters and digits more often, and stays one word."""
MAX_SHORT_NUMBER = 3
"""Digits of a number that is also indexed together with the word before it, which years are not."""
CONNECTORS = "\\-_./\u2010-\u2013\u2212"
"""Characters between the parts of a code, as a part of a regular expression."""
_MARKS = "\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff"
"""Accents that are characters of their own, and invisible characters."""
_DIGITS = "\\d\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089"
_GREEK = "\u00b5\u0370-\u03ff\u1f00-\u1fff"
_PIECE = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}])*")
_PART = re.compile(
    rf"[{_DIGITS}][{_DIGITS}{_MARKS}]*|[{_GREEK}][{_GREEK}{_MARKS}]*|(?:(?![{_DIGITS}{_GREEK}])[^\W_]|[{_MARKS}])+"
)
_CONNECTED = re.compile(rf"[{CONNECTORS}]+")
_MAY_BE_CODE = re.compile(r"\d|[^\W\d_]\.[^\W\d_]")
"""A text without has no words to join, unless single letters apart are joined."""
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)
_GREEK_NAMES = dict(zip("αβγδεζηθικλμνξοπρστυφχψω", (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
), strict=True))  # fmt: skip


class Word(NamedTuple):
    """A folded word and its place in the text."""

    text: str
    start: int
    end: int

    @property
    def is_number(self) -> bool:
        return self.text.isdecimal()

    @property
    def is_letter(self) -> bool:
        return len(self.text) == 1 and self.text.isalpha()


def fold(text: str) -> str:
    """Lower case without accents: "Zürich" and "zurich" are one word. A single Greek letter becomes its name."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS)).casefold()
    folded = "".join(
        str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in apart if sign.isalnum()
    )
    return _GREEK_NAMES.get(folded, folded)


def split_code(text: str, *, is_name: bool = False) -> Iterator[Word]:
    """Letters and digits apart, Greek letters too; in a name, or beside an underscore, also the words of camel case."""
    for match in _PIECE.finditer(text):
        piece, start = match.group(), match.start()
        bounds = [0, *_find_inner_bounds(piece), len(piece)]
        if not piece.islower() and (is_name or "_" in text[max(start - 1, 0) : match.end() + 1]):
            bounds = sorted({*bounds, *_find_camel_case_bounds(piece, bounds)})
        for first, last in pairwise(bounds):
            if folded := fold(piece[first:last]):
                yield Word(folded, start + first, start + last)


def _find_inner_bounds(piece: str) -> list[int]:
    if piece.isalpha() and piece.isascii():
        return []
    changes = [part.start() for part in _PART.finditer(piece)][1:]
    return changes if len(changes) < MAX_CHANGES else []


def _find_camel_case_bounds(piece: str, bounds: Sequence[int]) -> Iterator[int]:
    for first, last in pairwise(bounds):
        part = piece[first:last]
        yield from (first + at for at in range(1, len(part)) if _is_start_of_word(part, at))


def join_codes(text: str, parts: Iterable[Word], *, is_apart: bool = False) -> list[Word]:
    """The parts, with those joined that are one word in each spelling: `q4`, `10m`, `no2`, and `us` for `U.S.`

    A single letter belongs to the number after it, else to the one before it. So does a stop word, as alone it would not be
    searched. `is_apart`: single letters also where connectors or blanks are between.
    """
    joined = list(parts)
    if not is_apart and not _MAY_BE_CODE.search(text):
        return joined
    for belongs in (_is_abbreviation, _is_letter_and_number, _is_number_and_letter):
        words, joined = joined, []
        for word in words:
            gap = measure_gap(text, joined[-1], word) if joined else " "
            if joined and (is_apart or not gap) and belongs(joined[-1], word, gap):
                before = joined.pop()
                joined.append(Word(before.text + word.text, before.start, word.end))
            else:
                joined.append(word)
    return joined


def measure_gap(text: str, word: Word, following: Word) -> str:
    """Empty, `.`, `-` for other connectors, or a blank for anything else."""
    between = text[word.end : following.start]
    if between in (" ", "", "."):
        return between
    return "-" if _CONNECTED.fullmatch(between) else " "


def are_one_code(text: str, following: str) -> bool:
    """Whether two words with a blank between are also indexed as one: `landsat 8`, `10 m`."""
    if following.isdecimal():
        is_short = len(following) <= MAX_SHORT_NUMBER or len(text) == 1
        return is_short and text.isalpha() and text not in STOP_WORDS
    return len(following) == 1 and text[-1].isdecimal() and _is_part_of_number(following, " ")


def _is_abbreviation(word: Word, following: Word, gap: str) -> bool:
    is_letter = word.end - word.start == 2 * len(word.text) - 1 and word.text.isalpha()
    return gap == "." and is_letter and following.is_letter


def _is_letter_and_number(word: Word, following: Word, gap: str) -> bool:
    return following.is_number and word.text.isalpha() and _is_part_of_number(word.text, gap)


def _is_number_and_letter(word: Word, following: Word, gap: str) -> bool:
    return word.text[-1].isdecimal() and following.text.isalpha() and _is_part_of_number(following.text, gap)


def _is_part_of_number(letters: str, gap: str) -> bool:
    if len(letters) > 1:
        return not gap and letters in STOP_WORDS
    return gap != " " or letters not in STOP_WORDS


def _is_start_of_word(piece: str, at: int) -> bool:
    return piece[at].isupper() and (not piece[at - 1].isupper() or piece[at + 1 : at + 2].islower())
