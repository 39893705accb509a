"""Finds where texts match a search: reasons of a hit, and spans for highlighting."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from catalog.search.glossary_terms import MatchedTerm
from catalog.search.index.codes import Word
from catalog.search.index.stems import MAX_CACHED_LENGTH, stems_of
from catalog.search.index.tokenizer import joined_words, words
from catalog.search.terms import Terms

Spans = tuple[tuple[int, int], ...]
LONG_WORD = 7
MAX_OF_FIELD = 2
"""Reasons of one field that repeat words of other reasons."""
MAX_MATCHED = 100
"""Texts of one hit in which words are searched."""
_SHORT_STEM = re.compile(r"[dlt](y|ie)|..$")
_CODE_START = re.compile(r"\d+(?=[^\W\d_])|[^\W\d_]+(?=\d)")
_AT_CHANGE = r"(?<=\d[^\W\d_])|(?<=[^\W\d_]\d)"


@dataclass(frozen=True)
class Reason:
    """`field` is name, summary, description, keyword, domain, table, database, owner, column, comment, field (in a column)
    or term. `subject` is the table or column that the text belongs to; `spans` are [start, end) offsets in `text`. `term` is
    the glossary term whose synonym matched, or empty.
    """

    field: str
    subject: str
    text: str
    spans: Spans
    term: str = ""


class Candidate(NamedTuple):
    """A text that may be a `Reason`."""

    field: str
    subject: str
    text: str


class _TextWords(NamedTuple):
    """Its words, and those of them that are also one word."""

    parts: tuple[Word, ...]
    joined: tuple[Word, ...]


class _Match(NamedTuple):
    """`stems` are the words of the search that matched; `term` the glossary term whose synonym did."""

    spans: Spans
    stems: frozenset[str]
    term: str = ""


_NO_MATCH = _Match((), frozenset())


class Matcher:
    """Finds the words of a search by stem, the last one also as a prefix; in texts without them, the synonyms."""

    def __init__(self, terms: Terms, matched: Sequence[MatchedTerm] = ()) -> None:
        self._terms = terms
        self._synonyms = {tuple(other.split()): term for term in matched for other in term.others}
        self._joined = _joined_spellings(terms)
        sought = set(terms.positive).union(self._joined, *self._synonyms)
        self._pattern = _pattern_of(sought) if sought else None
        self._stems: Mapping[str, str] = {}

    def select(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """Those that `may_match`."""
        return [one for one in candidates if self.may_match(one.text)] if self._pattern else []

    def may_match(self, text: str) -> bool:
        """A quick check before a text is split into words. Accents are not folded yet."""
        if self._pattern is None:
            return False
        return not text.isascii() or self._pattern.search(text) is not None

    def read_stems(self, texts: Iterable[str]) -> None:
        """Of all texts that may match; at most one query."""
        known = {word.text for text in texts for each in _split_text(text) for word in each}
        self._stems = stems_of(known.union(self._terms.positive, *self._synonyms))
        self._sought = frozenset(self._stems_of(self._terms.positive))
        self._last = self._stems.get(self._terms.last, self._terms.last)
        self._synonym_stems = {self._stems_of(other): term for other, term in self._synonyms.items()}

    def spans(self, text: str) -> Spans:
        return self._match(text).spans if self.may_match(text) else ()

    def reasons(self, candidates: Iterable[Candidate], limit: int) -> tuple[Reason, ...]:
        """The first that match, at most two of one field. A reason that repeats words gives way to one of the first
        `MAX_MATCHED` that has a word no other has.
        """
        found: dict[Candidate, _Match] = {}
        for candidate in islice(candidates, MAX_MATCHED) if limit > 0 else ():
            if len(found) >= limit and self._sought <= _stems_in(found.values()):
                break
            if (match := self._match(candidate.text)).spans:
                _add(found, candidate, match, limit)
        return tuple(Reason(*candidate, match.spans, match.term) for candidate, match in found.items())

    def _match(self, text: str) -> _Match:
        spans: list[tuple[int, int]] = []
        stems: set[str] = set()
        parts, joined = _split_text(text) if self._sought else ((), ())
        for word in (*parts, *joined):
            found = self._sought_stems(word.text)
            if found and not any(start < word.end and word.start < end for start, end in spans):
                spans.append((word.start, word.end))
                stems |= found
        return _Match(_join_spans(spans), frozenset(stems)) if spans else self._match_synonyms(text)

    def _match_synonyms(self, text: str) -> _Match:
        """Each synonym is one span; the term is that of the first."""
        if not self._synonym_stems:
            return _NO_MATCH
        known = [word for word in _split_text(text).parts if word.text in self._stems]
        stems = [self._stems[word.text] for word in known]
        found: dict[tuple[int, int], MatchedTerm] = {}
        for synonym, term in self._synonym_stems.items():
            for at in range(len(stems) - len(synonym) + 1):
                if synonym and tuple(stems[at : at + len(synonym)]) == synonym:
                    found[known[at].start, known[at + len(synonym) - 1].end] = term
        spans: list[tuple[int, int]] = []
        for span in sorted(found):
            if not spans or span[0] >= spans[-1][1]:
                spans.append(span)
        names = {word for span in spans for name in found[span].matched for word in name.split()}
        term_name = found[spans[0]].name if spans else ""
        return _Match(tuple(spans), frozenset(self._stems_of(names)), term_name)

    def _stems_of(self, known: Iterable[str]) -> tuple[str, ...]:
        return tuple(self._stems[word] for word in known if word in self._stems)

    def _sought_stems(self, word: str) -> set[str]:
        """The stems of the search that this word has, or starts with."""
        if (stem := self._stems.get(word, word)) in self._sought:
            return {stem}
        if word in self._joined:
            return set(self._stems_of(self._joined[word]))
        return {self._last} if self._terms.last and word.startswith(self._terms.last) else set()


def _stems_in(matches: Iterable[_Match]) -> frozenset[str]:
    return frozenset().union(*(match.stems for match in matches))


def _add(found: dict[Candidate, _Match], candidate: Candidate, match: _Match, limit: int) -> None:
    """Adds it if there is room, or, if it has a word that none has, instead of the last whose words others have too."""
    has_new_word = not match.stems <= _stems_in(found.values())
    if not has_new_word and sum(one.field == candidate.field for one in found) >= MAX_OF_FIELD:
        return
    if len(found) >= limit:
        for one in reversed(list(found)) if has_new_word else ():
            if found[one].stems <= _stems_in(other for key, other in found.items() if key != one):
                del found[one]
                break
        else:
            return
    found[candidate] = match


def _joined_spellings(terms: Terms) -> dict[str, list[str]]:
    """Words of the search that are put together from others, with those."""
    joined: dict[str, list[str]] = defaultdict(list)
    for (word, *_), *others in terms.words:
        for spelling in others:
            if len(spelling) == 1:
                joined[spelling[0]].append(word)
    return joined


def _join_spans(spans: Iterable[tuple[int, int]]) -> Spans:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)


def _split_text(text: str) -> _TextWords:
    return _cached_split(text) if len(text) <= MAX_CACHED_LENGTH else _split(text)


def _split(text: str) -> _TextWords:
    """A text without blanks is a name."""
    is_name = not any(map(str.isspace, text))
    parts = tuple(words(text, is_name=is_name))
    return _TextWords(parts, tuple(joined_words(text, parts, is_name=is_name)))


# Names and comments are the same in many tables.
_cached_split = lru_cache(maxsize=4096)(_split)


def _pattern_of(words: Iterable[str]) -> re.Pattern[str]:
    """Where a word of plain text may have the stem of one of these: after a character that is not alphanumeric, between
    letters and digits, or with a capital letter. A long word is found by its first three letters; a short one by two, as
    `flies` by `fly`; `dying` by one; a code by its start, as `q 4` by `q4`.
    """
    by_first: dict[str, list[str]] = defaultdict(list)
    for word in sorted(words):
        by_first[re.escape(word[0] + word[0].upper())].append(re.escape(word[1 : _start_length(word)]))
    each = "|".join(f"(?<=[{first}])(?i:{'|'.join(dict.fromkeys(rest))})" for first, rest in by_first.items())
    # A set of characters at its start makes the search five times as fast.
    return re.compile(rf"[{''.join(by_first)}](?:(?<![^\W_].)|(?<=[A-Z])|{_AT_CHANGE})(?:{each})")


def _start_length(word: str) -> int:
    if code := _CODE_START.match(word):
        return min(len(code.group()), 3)
    if _SHORT_STEM.match(word):
        return 1
    return 3 if len(word) >= LONG_WORD else 2
