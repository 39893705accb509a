"""Finds where texts match a search."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from catalog.search.index.codes import Word, fold
from catalog.search.index.tokenizer import join_words, words
from catalog.search.index.vocabulary import MAX_CACHED_LENGTH, get_stems
from catalog.search.terms import Terms
from catalog.search.text_queries import MatchedTerm

Spans = tuple[tuple[int, int], ...]
LONG_WORD = 7
AROUND = 60
"""Characters of a long text that are read on both sides of what may match."""
_SHORT_STEM = re.compile(r"[dlt](y|ie)|..$")
_CODE_START = re.compile(r"\d+(?=[^\W\d_])|[^\W\d_]+(?=\d)")
_UNKNOWN = "\ue000"
_ALWAYS_READ = re.compile("[\u0590-\u1dff\u2c00-\U0010ffff]")
"""Characters that are not in `_UNACCENTED`, and `_UNKNOWN`."""


class Candidate(NamedTuple):
    """A text that may be a reason: `field` and `subject` are those of `Reason`."""

    field: str
    subject: str
    text: str


class MatchedWord(NamedTuple):
    """A place in a text, and the stems of the search that match there."""

    start: int
    end: int
    stems: frozenset[str]


class Match(NamedTuple):
    """`term` is the glossary term whose synonym matched."""

    words: tuple[MatchedWord, ...] = ()
    term: str = ""

    @property
    def spans(self) -> Spans:
        return tuple((word.start, word.end) for word in self.words)

    @property
    def stems(self) -> frozenset[str]:
        return frozenset().union(*(word.stems for word in self.words))


class _TextWords(NamedTuple):
    """The words of a text, and those of them that are also one word."""

    parts: tuple[Word, ...]
    joined: tuple[Word, ...]


class _Phrase(NamedTuple):
    """What stands for words of the search: a synonym, or another spelling. `term` is that of a synonym."""

    words: frozenset[str]
    term: str = ""


class Matcher:
    """Finds the words of a search by stem, the last one also as a prefix; in texts without them, the synonyms.

    `documents` are how many documents contain a word of the search.
    """

    def __init__(
        self,
        terms: Terms,
        matched: Sequence[MatchedTerm] = (),
        documents: Mapping[str, int] | None = None,
    ) -> None:
        self._terms = terms
        self._documents = documents or {}
        self._phrases: dict[tuple[str, ...], _Phrase] = {}
        for term in matched:
            stands_for = frozenset(" ".join(term.matched).split())
            for other in term.others:
                words = tuple(other.split())
                known = self._phrases.get(words)
                if known is None:
                    self._phrases[words] = _Phrase(stands_for, term.label)
                else:
                    self._phrases[words] = _Phrase(known.words | stands_for, f"{known.term}, {term.label}")
        self._joined: dict[str, list[str]] = defaultdict(list)
        for (word, *_), *others in terms.words:
            for spelling in others:
                if len(spelling) == 1:
                    self._joined[spelling[0]].append(word)
                else:
                    self._phrases.setdefault(spelling, _Phrase(frozenset([word])))
        sought = set(terms.positive).union(self._joined, *self._phrases)
        self._pattern = _build_pattern(sought) if sought else None
        self._stems: dict[str, str] = {}
        self._split_texts: dict[str, _TextWords] = {}

    def select(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """The candidates that `may_match`."""
        return (
            [candidate for candidate in candidates if self.may_match(candidate.text)] if self._pattern else []
        )

    def may_match(self, text: str) -> bool:
        """A quick check before a text is split into words."""
        if self._pattern is None:
            return False
        if text.isascii():
            return self._pattern.search(text) is not None
        plain = text.translate(_UNACCENTED)
        return _ALWAYS_READ.search(plain) is not None or self._pattern.search(plain) is not None

    def read_stems(self, texts: Iterable[str]) -> None:
        """Read the stems of all texts that may match; at most one query."""
        known = set(self._terms.positive).union(*self._phrases)
        known.update(word.text for text in texts for each in self._list_words(text) for word in each)
        self._stems |= get_stems(known)
        self._sought = frozenset(self._get_stems(self._terms.positive))
        self._last = self._stems.get(self._terms.last, self._terms.last)
        self._phrase_stems = {self._get_stems(words): phrase for words, phrase in self._phrases.items()}
        self._documents_by_stem = {
            self._stems.get(word, word): self._count(word) for word in self._terms.positive
        }

    def _count(self, word: str) -> int:
        """A word that was not counted yet is new; numbers are not counted."""
        counts = [self._documents.get(one) for one in (word, self._stems.get(word, word))]
        return max(
            (count for count in counts if count is not None), default=_NUMBER if word.isdecimal() else 0
        )

    @property
    def has_words(self) -> bool:
        return self._pattern is not None

    @property
    def sought(self) -> frozenset[str]:
        """The stems of the search."""
        return self._sought | ({self._last} if self._last else frozenset())

    def count_documents_with(self, stem: str) -> int:
        """How many documents contain a stem of the search."""
        return self._documents_by_stem.get(stem, 0)

    def match(self, text: str) -> Match:
        if not self.may_match(text):
            return Match()
        parts, joined = self._list_words(text) if self._sought or self._last else ((), ())
        found = list(self._match_words(parts))
        found += [
            word for word in self._match_words(joined) if not word.stems <= _list_stems_within(word, found)
        ]
        return Match(_merge(found)) if found else self._match_phrases(text)

    def _match_words(self, among: Iterable[Word]) -> Iterator[MatchedWord]:
        for word in among:
            if stems := self._list_sought_stems(word.text):
                yield MatchedWord(word.start, word.end, stems)

    def match_anywhere(self, text: str) -> Match:
        """Also within words, and single words of synonyms: for a text in which nothing else explains a hit."""
        sought = {*self._terms.positive, *self._sought, *self._joined}.union(*self._phrases)
        known = sorted((re.escape(word) for word in sought if len(word) > 1 or len(sought) == 1), key=len)
        plain = text if text.isascii() else text.translate(_UNACCENTED)
        found = re.finditer("|".join(reversed(known)), plain, re.IGNORECASE) if known else ()
        stems = frozenset(self._sought or {self._last})
        return Match(tuple(MatchedWord(*one.span(), stems) for one in found))

    def _list_words(self, text: str) -> _TextWords:
        """The words of the text; of a long text those near to what may match."""
        if len(text) <= MAX_CACHED_LENGTH:
            return _cached_split(text)
        if text not in self._split_texts:
            is_name = _is_name(text)
            places = [
                (start, _split(text[start:end], is_name=is_name)) for start, end in self._find_places(text)
            ]
            parts, joined = (
                tuple(
                    Word(word.text, word.start + start, word.end + start)
                    for start, each in places
                    for word in each[at]
                )
                for at in range(2)
            )
            self._split_texts[text] = _TextWords(parts, joined)
        return self._split_texts[text]

    def _find_places(self, text: str) -> Iterator[tuple[int, int]]:
        """Parts of a long text, cut between words."""
        plain = (text if text.isascii() else text.translate(_UNACCENTED)).replace("\n", " ")
        if self._pattern is None or _ALWAYS_READ.search(plain):
            yield 0, len(text)
            return
        start = end = 0
        for found in self._pattern.finditer(plain):
            if found.end() + AROUND < end:
                continue
            next_start = max(plain.rfind(" ", 0, max(found.start() - AROUND, 0)) + 1, 0)
            if next_start > end:
                if end:
                    yield start, end
                start = next_start
            end = _find_blank_after(plain, found.end() + AROUND)
        if end:
            yield start, end

    def _match_phrases(self, text: str) -> Match:
        """Each phrase is one span; the term is that of the first."""
        if not self._phrase_stems:
            return Match()
        parts = [word for word in self._list_words(text).parts if word.text in self._stems]
        stems = [self._stems[word.text] for word in parts]
        phrases: dict[tuple[int, int], _Phrase] = {}
        for sought, phrase in self._phrase_stems.items():
            for at in range(len(stems) - len(sought) + 1):
                if sought and tuple(stems[at : at + len(sought)]) == sought:
                    phrases[parts[at].start, parts[at + len(sought) - 1].end] = phrase
        found: list[MatchedWord] = []
        for start, end in sorted(phrases):
            if not found or start >= found[-1].end:
                found.append(MatchedWord(start, end, frozenset(self._get_stems(phrases[start, end].words))))
        return Match(tuple(found), phrases[found[0].start, found[0].end].term if found else "")

    def _get_stems(self, known: Iterable[str]) -> tuple[str, ...]:
        return tuple(self._stems[word] for word in known if word in self._stems)

    def _list_sought_stems(self, word: str) -> frozenset[str]:
        """The stems of the search that this word has, or that start it."""
        if (stem := self._stems.get(word, word)) in self._sought:
            return frozenset([stem])
        if word in self._joined:
            return frozenset(self._get_stems(self._joined[word]))
        last = self._terms.last
        is_begun = last and (word.startswith(last) or stem.startswith(last))
        return frozenset([self._last]) if is_begun else _NO_STEMS


_NO_STEMS: frozenset[str] = frozenset()
_NUMBER = 10**9
"""More than there are documents: a number tells little."""


def _list_stems_within(place: MatchedWord, found: Iterable[MatchedWord]) -> frozenset[str]:
    return _NO_STEMS.union(*(word.stems for word in found if place.start <= word.start < place.end))


def _merge(found: Iterable[MatchedWord]) -> tuple[MatchedWord, ...]:
    """In order; what overlaps or touches is one."""
    merged: list[MatchedWord] = []
    for word in sorted(found, key=lambda one: one[:2]):
        if merged and word.start <= merged[-1].end:
            last = merged.pop()
            word = MatchedWord(last.start, max(last.end, word.end), last.stems | word.stems)  # noqa: PLW2901
        merged.append(word)
    return tuple(merged)


def _is_name(text: str) -> bool:
    """A text without blanks."""
    return not any(map(str.isspace, text))


def _split(text: str, *, is_name: bool | None = None) -> _TextWords:
    is_name = _is_name(text) if is_name is None else is_name
    parts = tuple(words(text, is_name=is_name))
    return _TextWords(parts, tuple(join_words(text, parts, is_name=is_name)))


# Names and comments are the same in many tables.
_cached_split = lru_cache(maxsize=4096)(_split)


def _find_blank_after(text: str, at: int) -> int:
    end = text.find(" ", at)
    return end if end >= 0 else len(text)


def _build_pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Where a word of plain text may have the stem of one of these: after a character that is not alphanumeric, between
    letters and digits, or with a capital letter. A long word is found by its first three letters; a short one by two, as
    `flies` by `fly`; `dying` by one; a code by its start, as `q 4` by `q4`. A sign may be between the letters.
    """
    by_first: dict[str, list[str]] = defaultdict(list)
    for word in sorted(words):
        rest = "".join(rf"[\W_]?{re.escape(letter)}" for letter in word[1 : _start_length(word)])
        by_first[re.escape(word[0] + word[0].upper())].append(rest)
    each = "|".join(f"(?<=[{first}])(?i:{'|'.join(dict.fromkeys(rest))})" for first, rest in by_first.items())
    starts = r"(?<![^\W_].)|(?<=[A-Z])|(?<=\d[^\W\d_])|(?<=[^\W\d_]\d)"
    # A set of characters at its start makes the search five times as fast.
    return re.compile(rf"[{''.join(by_first)}](?:{starts})(?:{each})")


def _start_length(word: str) -> int:
    if code := _CODE_START.match(word):
        return min(len(code.group()), 3)
    if _SHORT_STEM.match(word):
        return 1
    return 3 if len(word) >= LONG_WORD else 2


def _build_unaccented() -> dict[int, str]:
    """For each character that folding changes, the one character that it becomes, else `_UNKNOWN`."""
    changed = {}
    for code in (*range(0x80, 0x590), *range(0x1E00, 0x2C00)):
        sign = chr(code)
        folded = fold(sign) if sign.isalnum() else ""
        if folded and folded != sign.lower():
            changed[code] = _UNKNOWN if len(folded) != 1 else folded.upper() if sign.isupper() else folded
    return changed


_UNACCENTED = _build_unaccented()
