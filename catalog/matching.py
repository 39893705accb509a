"""Why something was found: the field that matched, and where in its text. The stems are PostgreSQL's own."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from django.db import connection

from catalog.query import Terms
from catalog.words import Word, words

Spans = tuple[tuple[int, int], ...]
LONG = 7
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


@dataclass(frozen=True)
class Candidate:
    field: str
    subject: str
    text: str


class Matcher:
    """Finds the words of a query in texts, by stem, and the last word also as a prefix; then their synonyms."""

    def __init__(self, asked: Terms, texts: Iterable[str], synonyms: Mapping[str, str] | None = None) -> None:
        """`synonyms` leads from another word, or several with blanks between them, to its term's name."""
        self._prefix = asked.last
        others = {tuple(said.split()): term for said, term in (synonyms or {}).items()}
        self._begun = {_beginning(word) for word in set(asked.positive).union(*others)}
        known = {word.text for text in texts if self._may_match(text) for word in _all_words(text)}
        self._stems = stems_of(known.union(asked.positive, *others))
        self._asked = {self._stems[word] for word in asked.positive if word in self._stems}
        self._others = {self._stemmed(said): term for said, term in others.items()}

    def _may_match(self, text: str) -> bool:
        """Whether it is worth to take the text apart; accents are not folded yet."""
        if not text.isascii():
            return bool(self._begun)
        low = text.lower()
        return any(begun in low for begun in self._begun)

    def spans(self, text: str) -> Spans:
        return self._own(text) or self._by_term(text)[0] if self._may_match(text) else ()

    def reasons(self, candidates: Iterable[Candidate], most: int) -> tuple[Reason, ...]:
        """The first `most` candidates that match, at most two of one field."""
        found: list[Reason] = []
        for candidate in candidates:
            alike = sum(reason.field == candidate.field for reason in found)
            if len(found) < most and alike < 2 and self._may_match(candidate.text):  # noqa: PLR2004
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
        said = [word for word in words(text) if word.text in self._stems]
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
        for _, group in groupby(words(text), key=_Runs(text)):
            parts = list(group)
            matching = [part for part in parts if self._matches(part.text)]
            whole = _whole(parts)
            yield from matching or ([whole] if self._matches(whole.text) else [])

    def _matches(self, word: str) -> bool:
        if self._prefix and word.startswith(self._prefix):
            return True
        return self._stems.get(word, word) in self._asked


class _Runs:
    """Numbers the identifiers of a text, so that `groupby` puts the parts of one together."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._end = self._run = 0

    def __call__(self, word: Word) -> int:
        between = self._text[self._end : word.start]
        self._run += any(not (sign.isalnum() or sign == "_") for sign in between)
        self._end = word.end
        return self._run


def _beginning(word: str) -> str:
    """With what every word of its stem begins: long words with three letters; `flies` and `fly` with two, as `y` and `i`
    give way to each other behind; `dying` and `die` with one.
    """
    if _BENT.match(word):
        return word[:1]
    return word[: 3 if len(word) >= LONG else 2]


def _whole(parts: list[Word]) -> Word:
    return Word("".join(part.text for part in parts), parts[0].start, parts[-1].end)


def _all_words(text: str) -> Iterable[Word]:
    for _, group in groupby(words(text), key=_Runs(text)):
        parts = list(group)
        yield from parts
        yield _whole(parts)


def _apart(spans: Spans) -> Spans:
    """Without those that begin within the one before."""
    kept: list[tuple[int, int]] = []
    for start, end in spans:
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return tuple(kept)


def stems_of(known: Iterable[str]) -> Mapping[str, str]:
    """Word → stem; a word that has none of its own, a stop word for one, is left out."""
    listed = sorted(known)
    if not listed:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word, (ts_lexize('english_stem', word))[1] FROM unnest(%s::text[]) AS word", [listed]
        )
        return {word: stem for word, stem in cursor.fetchall() if stem}
