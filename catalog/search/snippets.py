"""Finds where texts match a search: reasons of a hit, and spans for highlighting."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from catalog.search.glossary_terms import MatchedTerm
from catalog.search.index.stems import MAX_CACHED_LENGTH, stems_of
from catalog.search.index.tokenizer import Word, words
from catalog.search.query import Terms

Spans = tuple[tuple[int, int], ...]
LONG_WORD = 7
MAX_OF_FIELD = 2
"""Reasons of one field that repeat words of other reasons."""
MAX_MATCHED = 100
"""Texts of one hit in which words are searched."""
_SHORT_STEM = re.compile(r"[dlt](y|ie)")


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


class Identifier(NamedTuple):
    """Its words, and all of it as one word."""

    parts: tuple[Word, ...]
    whole: Word


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
        sought = set(terms.positive).union(*self._synonyms)
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
        identifiers = (identifier for text in texts for identifier in _identifiers(text))
        known = {word.text for parts, whole in identifiers for word in (*parts, whole)}
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
        for parts, whole in _identifiers(text) if self._sought else ():
            matching = [(word, stem) for word in parts if (stem := self._sought_stem(word.text))]
            if not matching and (stem := self._sought_stem(whole.text)):
                matching = [(whole, stem)]
            for word, stem in matching:
                spans.append((word.start, word.end))
                stems.add(stem)
        return _Match(tuple(spans), frozenset(stems)) if spans else self._match_synonyms(text)

    def _match_synonyms(self, text: str) -> _Match:
        """Each synonym is one span; the term is that of the first."""
        if not self._synonym_stems:
            return _NO_MATCH
        known = [word for parts, _ in _identifiers(text) for word in parts if word.text in self._stems]
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

    def _sought_stem(self, word: str) -> str:
        """The stem of the search that this word has, or starts with; or empty."""
        if (stem := self._stems.get(word, word)) in self._sought:
            return stem
        return self._last if self._terms.last and word.startswith(self._terms.last) else ""


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


def _identifiers(text: str) -> tuple[Identifier, ...]:
    return _cached_split(text) if len(text) <= MAX_CACHED_LENGTH else _split(text)


def _split(text: str) -> tuple[Identifier, ...]:
    found: list[list[Word]] = []
    end = 0
    for word in words(text):
        if not found or any(not (sign.isalnum() or sign == "_") for sign in text[end : word.start]):
            found.append([])
        found[-1].append(word)
        end = word.end
    return tuple(
        Identifier(tuple(parts), Word("".join(part.text for part in parts), parts[0].start, parts[-1].end))
        for parts in found
    )


# Names and comments are the same in many tables.
_cached_split = lru_cache(maxsize=4096)(_split)


def _pattern_of(words: Iterable[str]) -> re.Pattern[str]:
    """Where a word of plain text may have the stem of one of these: after a character that is not alphanumeric, or with a
    capital letter. A long word is found by its first three letters; a short one by two, as `flies` by `fly`; `dying` by one.
    """
    by_first: dict[str, list[str]] = defaultdict(list)
    for word in sorted(words):
        length = 1 if _SHORT_STEM.match(word) else 3 if len(word) >= LONG_WORD else 2
        by_first[re.escape(word[0] + word[0].upper())].append(re.escape(word[1:length]))
    each = "|".join(f"(?<=[{first}])(?i:{'|'.join(dict.fromkeys(rest))})" for first, rest in by_first.items())
    # A set of characters at its start makes the search five times as fast.
    return re.compile(rf"[{''.join(by_first)}](?:(?<![^\W_].)|(?<=[A-Z]))(?:{each})")
