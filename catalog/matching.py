"""Why something was found: the field that matched, and where in its text. The stems are PostgreSQL's own."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from django.db import connection

from catalog.query import Terms
from catalog.words import Word, words

Spans = tuple[tuple[int, int], ...]
LONG = 7
SHORT = 200
"""Characters of a text, or of a word, that is worth to be kept."""
MOST_STEMS = 100_000
_BENT = re.compile(r"[dlt](y|ie)")
_stems: dict[str, str] = {}
"""Of words that this process has met; empty for one that has none."""


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


class Run(NamedTuple):
    """The parts of one identifier, and all of it in one piece."""

    parts: tuple[Word, ...]
    whole: Word


class Sought:
    """The words of a query and their synonyms, before anything is known of stems."""

    def __init__(self, asked: Terms, synonyms: Mapping[str, str] | None = None) -> None:
        """`synonyms` leads from another word, or several with blanks between them, to its term's name."""
        self.asked = asked
        self.others = {tuple(said.split()): term for said, term in (synonyms or {}).items()}
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


class Matcher:
    """Finds the words of a query in texts, by stem, and the last word also as a prefix; then their synonyms."""

    def __init__(self, sought: Sought, texts: Iterable[str]) -> None:
        """`texts` are all those that may match."""
        self._sought = sought
        asked, others = sought.asked.positive, sought.others
        self._prefix = sought.asked.last
        self._stems = stems_of({word for text in texts for word in _known_words(text)}.union(asked, *others))
        self._asked = {self._stems[word] for word in asked if word in self._stems}
        self._others = {self._stemmed(said): term for said, term in others.items()}

    def spans(self, text: str) -> Spans:
        return self._own(text) or self._by_term(text)[0] if self._sought.may_match(text) else ()

    def reasons(self, candidates: Iterable[Candidate], most: int) -> tuple[Reason, ...]:
        """The first `most` of these candidates, which may match, that do: at most two of one field."""
        found: list[Reason] = []
        for candidate in candidates:
            if len(found) >= most:
                break
            if sum(reason.field == candidate.field for reason in found) < 2:  # noqa: PLR2004
                spans, term = self._own(candidate.text), ""
                if not spans:
                    spans, term = self._by_term(candidate.text)
                if spans:
                    found.append(Reason(candidate.field, candidate.subject, candidate.text, spans, term))
        return tuple(found)

    def _own(self, text: str) -> Spans:
        return tuple((word.start, word.end) for word in self._found(text))

    def _by_term(self, text: str) -> tuple[Spans, str]:
        """Where synonyms stand, each as one span, and the term of the first."""
        if not self._others:
            return (), ""
        said = [word for run in _runs(text) for word in run.parts if word.text in self._stems]
        stems = [self._stems[word.text] for word in said]
        found: dict[tuple[int, int], str] = {}
        for other, term in self._others.items():
            for at in range(len(stems) - len(other) + 1):
                if other and tuple(stems[at : at + len(other)]) == other:
                    found[said[at].start, said[at + len(other) - 1].end] = term
        spans = tuple(sorted(found))
        return _apart(spans), found[spans[0]] if spans else ""

    def _stemmed(self, said: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self._stems[word] for word in said if word in self._stems)

    def _found(self, text: str) -> Iterable[Word]:
        if not self._asked:
            return
        for parts, whole in _runs(text):
            matching = [part for part in parts if self._matches(part.text)]
            yield from matching or ([whole] if self._matches(whole.text) else [])

    def _matches(self, word: str) -> bool:
        if self._prefix and word.startswith(self._prefix):
            return True
        return self._stems.get(word, word) in self._asked


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


def stems_of(known: Iterable[str]) -> Mapping[str, str]:
    """Word → stem; a word that has none of its own, a stop word for one, is left out. One query, none for words that this
    process has asked about before: a word's stem stays what it is.
    """
    wanted = set(known)
    stems = {word: stem for word in wanted if (stem := _stems.get(word)) is not None}
    if new := sorted(wanted.difference(stems)):
        stems |= _learn(new)
    return {word: stem for word, stem in stems.items() if stem}


def _learn(new: list[str]) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word, (ts_lexize('english_stem', word))[1] FROM unnest(%s::text[]) AS word", [new]
        )
        learnt = {word: stem or "" for word, stem in cursor.fetchall()}
    if len(_stems) > MOST_STEMS:
        _stems.clear()
    _stems.update({word: stem for word, stem in learnt.items() if len(word) <= SHORT})
    return learnt
