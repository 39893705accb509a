"""Selects the reasons of a hit: the rarest word first, and nothing that the hit tells already."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from catalog.search.index.codes import fold
from catalog.search.snippets import Candidate, Match, MatchedWord, Matcher, Spans

MAX_REASONS = 3
"""Beside name and summary."""
MAX_OF_FIELD = 2
"""Reasons of one field that repeat words of other reasons."""
MAX_MATCHED = 100
"""Texts of one hit in which words are searched, once one has matched."""
MAX_SUMMARY, MAX_REASON = 400, 240
"""Characters that are shown."""


@dataclass(frozen=True)
class Reason:
    """`field` is name, id, one of `SEARCHED_FIELDS`, keyword, domain, table, database, location, owner, column, comment,
    field (in a column) or term. `subject` is the table or column that the text belongs to, the first of so many `subjects`. `spans` are
    [start, end) offsets in `text`. `term` is the glossary term whose synonym matched, or empty.
    """

    field: str
    subject: str
    text: str
    spans: Spans
    term: str = ""
    subjects: int = 1


class Excerpt(NamedTuple):
    text: str
    words: tuple[MatchedWord, ...] = ()

    @property
    def spans(self) -> Spans:
        return tuple((word.start, word.end) for word in self.words)


@dataclass(frozen=True)
class HitTexts:
    """`summary` is a summary or, of a table, its description. `given` are reasons that need no match."""

    name: Candidate
    summary: Candidate
    candidates: Sequence[Candidate]
    given: tuple[Reason, ...] = ()

    def all(self) -> list[str]:
        return [one.text for one in (self.name, self.summary, *self.candidates)] + [
            one.text for one in self.given
        ]


@dataclass(frozen=True)
class Explanation:
    """Why a hit was found. `is_complete`: every word of the search is in one of its texts."""

    name_spans: Spans
    summary: str
    summary_spans: Spans
    reasons: tuple[Reason, ...]
    is_complete: bool


class _Found(NamedTuple):
    candidate: Candidate
    excerpt: Excerpt
    stems: frozenset[str]
    term: str

    def reason(self, subjects: int = 1) -> Reason:
        field, subject, _ = self.candidate
        return Reason(field, subject, self.excerpt.text, self.excerpt.spans, self.term, subjects)


def explain(matcher: Matcher, texts: HitTexts, *, anywhere: bool = False) -> Explanation:
    """The stems of the texts are read before. `anywhere`: see `Matcher.match_anywhere`."""
    match = matcher.match_anywhere if anywhere else matcher.match
    name, summary = (
        _found(matcher, one, match(one.text), most)
        for one, most in ((texts.name, len(texts.name.text)), (texts.summary, MAX_SUMMARY))
    )
    is_repeated = _key(summary.excerpt.text) == _key(name.excerpt.text)
    shown = [one for one in (name, summary) if one.stems and not (is_repeated and one is summary)]
    given = tuple(_with_match(one, match(one.text)) for one in texts.given)
    known = _stems_of(shown)
    room = MAX_REASONS - len(texts.given)
    told = {_key(one.excerpt.text) for one in (name, summary)} | {_key(one.text) for one in texts.given}
    found: dict[str, _Found] = {}
    for at, candidate in enumerate(texts.candidates if room > 0 else ()):
        if found and (
            at >= MAX_MATCHED or (len(found) >= room and matcher.sought <= known | _stems_of(found.values()))
        ):
            break
        one = _found(matcher, candidate, match(candidate.text), MAX_REASON)
        if not one.stems <= known and (key := _key(one.excerpt.text)) not in told:
            found.setdefault(key, one)
    chosen = _choose(matcher, list(found.values()), known, room)
    ordered = sorted([*shown, *chosen], key=lambda one: _rarest(matcher, one.stems - known or one.stems))
    counts = _count_subjects(texts.candidates, chosen)
    return Explanation(
        name.excerpt.spans,
        summary.excerpt.text,
        summary.excerpt.spans,
        (*given, *(one.reason(counts.get(_subject_key(one.candidate), 1)) for one in ordered)),
        is_complete=matcher.sought <= known | _stems_of(found.values()),
    )


def _with_match(given: Reason, match: Match) -> Reason:
    """Words of the search in it are highlighted too."""
    words = [
        span for span in match.spans if all(span[1] <= start or end <= span[0] for start, end in given.spans)
    ]
    return replace(given, spans=tuple(sorted([*given.spans, *words])))


def _choose(matcher: Matcher, found: list[_Found], known: frozenset[str], room: int) -> list[_Found]:
    """Those with the rarest words that no other has; then those that repeat a word, at most two of a field."""
    chosen: list[_Found] = []
    while len(chosen) < room:
        new = {at: one.stems - known for at, one in enumerate(found) if one.stems - known}
        if not new:
            break
        best = min(new, key=lambda at: (_rarest(matcher, new[at]), -len(new[at]), at))
        known |= found[best].stems
        chosen.append(found.pop(best))
    for one in sorted(found, key=lambda each: _rarest(matcher, each.stems)):
        if (
            len(chosen) < room
            and sum(other.candidate.field == one.candidate.field for other in chosen) < MAX_OF_FIELD
        ):
            chosen.append(one)
    return chosen


def _found(matcher: Matcher, candidate: Candidate, match: Match, most: int) -> _Found:
    excerpt = cut_excerpt(candidate.text, match.words, most, matcher)
    return _Found(candidate, excerpt, _stems_in(excerpt.words), match.term)


def cut_excerpt(text: str, words: Sequence[MatchedWord], most: int, matcher: Matcher) -> Excerpt:
    """At most so many characters and ellipses, in whole words, around the rarest match."""
    if len(text) <= most:
        return Excerpt(text, tuple(words))
    # Starts a quarter before the word, and does not cut words, unless they are longer than that.
    word = _best_start(words, most, matcher)
    first, last = (word.start, word.end) if word else (0, 0)
    start = max(0, min(first - most // 4, len(text) - most)) if last > most else 0
    end = min(len(text), max(start + most, last))
    if start and (blank := _blank(text, start - 1, first)) is not None:
        start = blank + 1
    if end < len(text) and not text[end].isspace():
        end = next((at for at in range(end - 1, max(last, start), -1) if text[at].isspace()), end)
    inside = [word for word in words if start <= word.start and word.end <= end]
    before, after = "…" if start else "", "…" if end < len(text) else ""
    moved = len(before) - start
    return Excerpt(
        f"{before}{text[start:end]}{after}",
        tuple(MatchedWord(word.start + moved, word.end + moved, word.stems) for word in inside),
    )


def _best_start(words: Sequence[MatchedWord], most: int, matcher: Matcher) -> MatchedWord | None:
    """The place of the rarest word with the most other words near it."""
    if not words:
        return None
    rarest = min(words, key=lambda word: _rarest(matcher, word.stems))
    places = [word for word in words if word.stems & rarest.stems]
    near = {
        word: len(
            _stems_in(one for one in words if 0 <= one.start - word.start + most // 4 <= most - most // 4)
        )
        for word in places[: MAX_REASONS * MAX_OF_FIELD]
    }
    return max(near, key=lambda word: near[word])


def _blank(text: str, start: int, end: int) -> int | None:
    return next((at for at in range(start, end) if text[at].isspace()), None)


def _count_subjects(
    candidates: Iterable[Candidate], chosen: Iterable[_Found]
) -> dict[tuple[str, bool, str], int]:
    counts = {_subject_key(one.candidate): 0 for one in chosen}
    fields = {field for field, *_ in counts}
    for candidate in candidates if counts else ():
        if candidate.field in fields and (key := _subject_key(candidate)) in counts:
            counts[key] += 1
    return counts


def _subject_key(candidate: Candidate) -> tuple[str, bool, str]:
    return candidate.field, bool(candidate.subject), candidate.text.lower()


def _key(text: str) -> str:
    return fold(text) if not text.isascii() else "".join(filter(str.isalnum, text)).lower()


def _stems_of(found: Iterable[_Found]) -> frozenset[str]:
    return frozenset().union(*(one.stems for one in found))


def _stems_in(words: Iterable[MatchedWord]) -> frozenset[str]:
    return frozenset().union(*(word.stems for word in words))


def _rarest(matcher: Matcher, stems: Iterable[str]) -> int:
    return min(map(matcher.documents_with, stems), default=0)
