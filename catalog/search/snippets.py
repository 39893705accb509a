"""Where a text matches a search: reasons and spans for highlighting."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from catalog.search.index.stems import SHORT, stems_of
from catalog.search.index.tokenizer import Word, words
from catalog.search.query import Terms

Spans = tuple[tuple[int, int], ...]
LONG = 7
MOST_OF_A_FIELD = 2
"""Reasons that say nothing new."""
MOST_LOOKED_AT = 100
"""Texts of one hit, in which each word is looked for."""
_BENT = re.compile(r"[dlt](y|ie)")


@dataclass(frozen=True)
class Reason:
    """`field` is name, summary, description, keyword, domain, table, database, owner, column, comment, field
    (within a column) or term.

    `subject` names the table or column that the text belongs to; `spans` are [start, end) offsets in `text`.
    `term` is the glossary's term because of whose synonym it matched, or empty.
    """

    field: str
    subject: str
    text: str
    spans: Spans
    term: str = ""


class Candidate(NamedTuple):
    """A text that may be why something was found: see `Reason`."""

    field: str
    subject: str
    text: str


class Meaning(NamedTuple):
    """What another word means: the `term`, and the words of it that were `said`, which it stands for."""

    term: str
    said: tuple[str, ...]


class Run(NamedTuple):
    """The parts of one identifier, and all of it in one piece."""

    parts: tuple[Word, ...]
    whole: Word


class Sought:
    """The words of a query and their synonyms, before anything is known of stems."""

    def __init__(self, asked: Terms, synonyms: Mapping[str, Meaning] | None = None) -> None:
        """`synonyms` leads from another word, or several with blanks between them, to what it means."""
        self.asked = asked
        self.others = {tuple(other.split()): meaning for other, meaning in (synonyms or {}).items()}
        begun = {_beginning(word) for word in set(asked.positive).union(*self.others)}
        self._begun = _begun_so(begun) if begun else None

    def may_match(self, text: str) -> bool:
        """Whether it is worth to take the text apart; accents are not folded yet."""
        if self._begun is None:
            return False
        return not text.isascii() or self._begun.search(text) is not None

    def among(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """Those that are worth it; where nothing is sought, no candidate is asked for."""
        return [one for one in candidates if self.may_match(one.text)] if self._begun else []


class _Match(NamedTuple):
    """What matched in a text: where, `told` of the words that are sought, and the term because of whose synonym."""

    spans: Spans
    told: frozenset[str]
    term: str = ""


_NOTHING = _Match((), frozenset())


class Matcher:
    """Finds the words of a query in texts, by stem, and the last word also as a prefix; then their synonyms."""

    def __init__(self, sought: Sought, texts: Iterable[str]) -> None:
        """`texts` are all those that may match."""
        self._sought = sought
        asked, others = sought.asked.positive, sought.others
        self._prefix = sought.asked.last
        self._stems = stems_of({word for text in texts for word in _known_words(text)}.union(asked, *others))
        self._asked = frozenset(self._stemmed(asked))
        self._last = self._stems.get(self._prefix, self._prefix)
        self._others = {self._stemmed(other): meaning for other, meaning in others.items()}

    def spans(self, text: str) -> Spans:
        return self._match(text).spans if self._sought.may_match(text) else ()

    def reasons(self, candidates: Iterable[Candidate], most: int) -> tuple[Reason, ...]:
        """Up to `most` of these candidates, which may match, that do: the first ones, at most two of one field; but none is
        told that says nothing new while one of the first `MOST_LOOKED_AT` tells a word that no other does.
        """
        found: dict[Candidate, _Match] = {}
        for candidate in islice(candidates, MOST_LOOKED_AT) if most > 0 else ():
            if len(found) >= most and self._asked <= _told_by(found.values()):
                break
            if (match := self._match(candidate.text)).spans:
                _take(found, candidate, match, most)
        return tuple(Reason(*candidate, match.spans, match.term) for candidate, match in found.items())

    def _match(self, text: str) -> _Match:
        own = tuple(self._found(text))
        if not own:
            return self._by_term(text)
        return _Match(tuple((word.start, word.end) for word, _ in own), frozenset(meant for _, meant in own))

    def _by_term(self, text: str) -> _Match:
        """Where synonyms stand, each as one span, and the term of the first."""
        if not self._others:
            return _NOTHING
        said = [word for run in _runs(text) for word in run.parts if word.text in self._stems]
        stems = [self._stems[word.text] for word in said]
        found: dict[tuple[int, int], Meaning] = {}
        for other, meaning in self._others.items():
            for at in range(len(stems) - len(other) + 1):
                if other and tuple(stems[at : at + len(other)]) == other:
                    found[said[at].start, said[at + len(other) - 1].end] = meaning
        if not found:
            return _NOTHING
        spans = _apart(tuple(sorted(found)))
        told = {stem for span in spans for stem in self._stemmed(found[span].said)}
        return _Match(spans, frozenset(told), found[spans[0]].term)

    def _stemmed(self, said: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self._stems[word] for word in said if word in self._stems)

    def _found(self, text: str) -> Iterator[tuple[Word, str]]:
        """Words that match, each with the word that it tells."""
        if not self._asked:
            return
        for parts, whole in _runs(text):
            matching = [(part, meant) for part in parts if (meant := self._meant(part.text))]
            if matching:
                yield from matching
            elif meant := self._meant(whole.text):
                yield whole, meant

    def _meant(self, word: str) -> str:
        """The stem of the word sought that this one is, or begins with; or empty."""
        if (stem := self._stems.get(word, word)) in self._asked:
            return stem
        return self._last if self._prefix and word.startswith(self._prefix) else ""


def _told_by(matches: Iterable[_Match]) -> frozenset[str]:
    return frozenset().union(*(match.told for match in matches))


def _take(found: dict[Candidate, _Match], candidate: Candidate, match: _Match, most: int) -> None:
    """Adds it where there is room, or, if it tells a word that none of them does, in the place of one that tells none alone."""
    is_new = not match.told <= _told_by(found.values())
    if not is_new and sum(one.field == candidate.field for one in found) >= MOST_OF_A_FIELD:
        return
    if len(found) >= most:
        needless = _needless(found) if is_new else None
        if needless is None:
            return
        del found[needless]
    found[candidate] = match


def _needless(found: Mapping[Candidate, _Match]) -> Candidate | None:
    """The last whose words others tell."""
    for candidate in reversed(list(found)):
        if found[candidate].told <= _told_by(other for one, other in found.items() if one != candidate):
            return candidate
    return None


def _runs(text: str) -> tuple[Run, ...]:
    return _kept_runs(text) if len(text) <= SHORT else _runs_in(text)


def _runs_in(text: str) -> tuple[Run, ...]:
    found: list[list[Word]] = []
    end = 0
    for word in words(text):
        if not found or any(not (sign.isalnum() or sign == "_") for sign in text[end : word.start]):
            found.append([])
        found[-1].append(word)
        end = word.end
    return tuple(Run(tuple(parts), _whole(parts)) for parts in found)


# Names and comments are the same in many tables, and asked about again and again.
_kept_runs = lru_cache(maxsize=4096)(_runs_in)


def _beginning(word: str) -> str:
    """With what every word of its stem begins: long words with three letters; `flies` and `fly` with two, as `y` and `i`
    give way to each other behind; `dying` and `die` with one.
    """
    if _BENT.match(word):
        return word[:1]
    return word[: 3 if len(word) >= LONG else 2]


def _begun_so(beginnings: Iterable[str]) -> re.Pattern[str]:
    """Where a word of plain text begins so: after what is no part of one, or as a hump."""
    behind: dict[str, list[str]] = defaultdict(list)
    for begun in sorted(beginnings):
        behind[re.escape(begun[0] + begun[0].upper())].append(re.escape(begun[1:]))
    each = "|".join(f"(?<=[{first}])(?i:{'|'.join(rest)})" for first, rest in behind.items())
    # A set of signs at its very beginning is what such a pattern is looked for by, in a fifth of the time.
    return re.compile(rf"[{''.join(behind)}](?:(?<![^\W_].)|(?<=[A-Z]))(?:{each})")


def _whole(parts: list[Word]) -> Word:
    return Word("".join(part.text for part in parts), parts[0].start, parts[-1].end)


def _known_words(text: str) -> Iterator[str]:
    for run in _runs(text):
        yield from (part.text for part in run.parts)
        yield run.whole.text


def _apart(spans: Spans) -> Spans:
    """Without those that begin within the one before."""
    kept: list[tuple[int, int]] = []
    for start, end in spans:
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return tuple(kept)
