"""Assembles the result of a search: matched rows with their texts, reasons and facets."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple

from catalog.search.facets import Facet, build_facets
from catalog.search.index.codes import fold
from catalog.search.items import Item, LongTexts, read_long_texts, read_products, read_tables
from catalog.search.plans.matches import Keys, MatchedRow, Matches
from catalog.search.query import SearchQuery
from catalog.search.snippets import Candidate, Match, MatchedWord, Matcher, Spans
from catalog.search.text_queries import MatchedTerm

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
        _build_found(matcher, one, match(one.text), most)
        for one, most in ((texts.name, len(texts.name.text)), (texts.summary, MAX_SUMMARY))
    )
    is_repeated = _get_key(summary.excerpt.text) == _get_key(name.excerpt.text)
    shown = [one for one in (name, summary) if one.stems and not (is_repeated and one is summary)]
    given = tuple(_add_match(one, match(one.text)) for one in texts.given)
    stems = _get_stems(shown)
    room = MAX_REASONS - len(texts.given)
    told = {_get_key(one.excerpt.text) for one in (name, summary)} | {
        _get_key(one.text) for one in texts.given
    }
    found: dict[str, _Found] = {}
    for at, candidate in enumerate(texts.candidates if room > 0 else ()):
        if found and (
            at >= MAX_MATCHED or (len(found) >= room and matcher.sought <= stems | _get_stems(found.values()))
        ):
            break
        one = _build_found(matcher, candidate, match(candidate.text), MAX_REASON)
        if not one.stems <= stems and (key := _get_key(one.excerpt.text)) not in told:
            found.setdefault(key, one)
    chosen = _choose(matcher, list(found.values()), stems, room)
    ordered = sorted(
        [*shown, *chosen], key=lambda one: _choose_rarest(matcher, one.stems - stems or one.stems)
    )
    counts = _count_subjects(texts.candidates, chosen)
    return Explanation(
        name.excerpt.spans,
        summary.excerpt.text,
        summary.excerpt.spans,
        (*given, *(one.reason(counts.get(_get_subject_key(one.candidate), 1)) for one in ordered)),
        is_complete=matcher.sought <= stems | _get_stems(found.values()),
    )


def _add_match(given: Reason, match: Match) -> Reason:
    """Words of the search in it are highlighted too."""
    words = [
        span for span in match.spans if all(span[1] <= start or end <= span[0] for start, end in given.spans)
    ]
    return replace(given, spans=tuple(sorted([*given.spans, *words])))


def _choose(matcher: Matcher, found: list[_Found], known: frozenset[str], room: int) -> list[_Found]:
    """The reasons with the rarest words that no other has; then those that repeat a word, at most two of a field."""
    chosen: list[_Found] = []
    while len(chosen) < room:
        new = {at: one.stems - known for at, one in enumerate(found) if one.stems - known}
        if not new:
            break
        best = min(new, key=lambda at: (_choose_rarest(matcher, new[at]), -len(new[at]), at))
        known |= found[best].stems
        chosen.append(found.pop(best))
    for one in sorted(found, key=lambda each: _choose_rarest(matcher, each.stems)):
        if (
            len(chosen) < room
            and sum(other.candidate.field == one.candidate.field for other in chosen) < MAX_OF_FIELD
        ):
            chosen.append(one)
    return chosen


def _build_found(matcher: Matcher, candidate: Candidate, match: Match, most: int) -> _Found:
    excerpt = cut_excerpt(candidate.text, match.words, most, matcher)
    return _Found(candidate, excerpt, _list_stems_in(excerpt.words), match.term)


def cut_excerpt(text: str, words: Sequence[MatchedWord], most: int, matcher: Matcher) -> Excerpt:
    """At most so many characters and ellipses, in whole words, around the rarest match."""
    if len(text) <= most:
        return Excerpt(text, tuple(words))
    # Starts a quarter before the word, and does not cut words, unless they are longer than that.
    word = _choose_best_start(words, most, matcher)
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


def _choose_best_start(words: Sequence[MatchedWord], most: int, matcher: Matcher) -> MatchedWord | None:
    """The place of the rarest word with the most other words near it."""
    if not words:
        return None
    rarest = min(words, key=lambda word: _choose_rarest(matcher, word.stems))
    places = [word for word in words if word.stems & rarest.stems]
    near = {
        word: len(
            _list_stems_in(
                one for one in words if 0 <= one.start - word.start + most // 4 <= most - most // 4
            )
        )
        for word in places[: MAX_REASONS * MAX_OF_FIELD]
    }
    return max(near, key=lambda word: near[word])


def _blank(text: str, start: int, end: int) -> int | None:
    return next((at for at in range(start, end) if text[at].isspace()), None)


def _count_subjects(
    candidates: Iterable[Candidate], chosen: Iterable[_Found]
) -> dict[tuple[str, bool, str], int]:
    counts = {_get_subject_key(one.candidate): 0 for one in chosen}
    fields = {field for field, *_ in counts}
    for candidate in candidates if counts else ():
        if candidate.field in fields and (key := _get_subject_key(candidate)) in counts:
            counts[key] += 1
    return counts


def _get_subject_key(candidate: Candidate) -> tuple[str, bool, str]:
    return candidate.field, bool(candidate.subject), candidate.text.lower()


def _get_key(text: str) -> str:
    return fold(text) if not text.isascii() else "".join(filter(str.isalnum, text)).lower()


def _get_stems(found: Iterable[_Found]) -> frozenset[str]:
    return frozenset().union(*(one.stems for one in found))


def _list_stems_in(words: Iterable[MatchedWord]) -> frozenset[str]:
    return frozenset().union(*(word.stems for word in words))


def _choose_rarest(matcher: Matcher, stems: Iterable[str]) -> int:
    return min(map(matcher.count_documents_with, stems), default=0)


MAX_LINKED_TERMS = MAX_FILTERED_COLUMNS = 2
"""Terms and columns in the reasons of one hit."""


@dataclass(frozen=True)
class Hit:
    """A product (`kind` product, with `slug`) or a table (`kind` table). Spans are for highlighting: those of the summary are
    offsets in `shown_summary`, a part of it if it is long.

    `table_ids` are a product's tables in their order, or the table itself. `access` is a value of the facet of this name. `teams` is
    how many use it, as of the last count (`catalog.usage.recording`). `missing` are words that it does not contain. `lifecycle` is a product's.
    `is_exact`: the text is its name, address or the like; see `catalog.search.text_queries`. `quality` is in percent, None if unknown.
    `table_name` is that of the first table, with its database; `freshness_hours` is what a product promises.
    """

    kind: str
    pk: int
    slug: str
    name: str
    name_spans: Spans
    summary: str
    shown_summary: str
    summary_spans: Spans
    domain: str
    domain_slug: str
    tier: str
    place: str
    table_ids: tuple[int, ...]
    columns: int
    sensitive_columns: int
    classifications: tuple[str, ...]
    access: str
    teams: int
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...] = ()
    is_exact: bool = False
    lifecycle: str = ""
    quality: int | None = None
    table_name: str = ""
    freshness_hours: int | None = None

    @property
    def tables(self) -> int:
        return len(self.table_ids)

    @property
    def has_access(self) -> bool:
        return self.access == "have"


@dataclass(frozen=True)
class SearchResult:
    """`total` counts products and tables, of which `products` are products; `hits` is one page.

    `corrected` is the text that was searched instead, `did_you_mean` one that may have been meant; or empty. If `is_stray_kept`, the
    only hit of the original text comes before those of the corrected one. `terms` are the
    glossary terms in the search. `following` are the keys after which the next page starts; None on the last one.
    `is_estimated`: counts are estimated from a sample.
    """

    query: SearchQuery
    hits: tuple[Hit, ...]
    total: int
    products: int
    facets: tuple[Facet, ...]
    corrected: str = ""
    did_you_mean: str = ""
    is_stray_kept: bool = False
    terms: tuple[MatchedTerm, ...] = ()
    following: Keys | None = None
    is_estimated: bool = False


@dataclass(frozen=True)
class _RowTexts:
    """A matched row with its item and tables; `candidates` are all texts but name and summary."""

    row: MatchedRow
    item: Item
    tables: list[Item]
    candidates: list[Candidate]
    given: tuple[Reason, ...]

    @property
    def are_cut(self) -> bool:
        return self.item.is_cut or any(table.is_cut or table.columns.are_cut for table in self.tables)

    def select(self, matcher: Matcher, candidates: Sequence[Candidate]) -> HitTexts:
        name = Candidate("name", "", self.item.name)
        return HitTexts(name, self.item.summary, matcher.select(candidates), self.given)


def build_result(query: SearchQuery, matches: Matches, limit: int) -> SearchResult:
    """One row more than `limit` in `matches` tells that there is a next page."""
    rows = matches.rows[:limit]
    products = [count for facet, value, _, count in matches.counts if (facet, value) == ("total", "product")]
    return SearchResult(
        query=query,
        hits=tuple(build_hits(rows, query, matches.terms)),
        total=matches.total,
        products=sum(products),
        facets=build_facets(query, matches.counts),
        terms=matches.terms,
        is_estimated=any(facet == "estimated" for facet, *_ in matches.counts),
        following=rows[-1].keys if 0 < limit < len(matches.rows) else None,
    )


def build_hits(
    rows: Sequence[MatchedRow],
    query: SearchQuery,
    terms: Sequence[MatchedTerm] = (),
) -> Iterator[Hit]:
    products = read_products([row.pk for row in rows if row.kind == "product"])
    in_products = (pk for product in products.values() for pk in product.tables)
    ids = {*(row.pk for row in rows if row.kind == "table"), *in_products}
    tables, documents = read_tables(ids, query.terms.positive)
    found = []
    for row in rows:
        item = (products if row.kind == "product" else tables)[row.pk]
        of_item = [tables[pk] for pk in item.tables]
        given_reasons = tuple(_list_given_reasons(row, query, terms, of_item))
        found.append(_RowTexts(row, item, of_item, list(_list_candidates(row, item, of_item)), given_reasons))
    for texts, explanation in zip(
        found, _explain(Matcher(query.terms, terms, documents), found), strict=True
    ):
        yield _build_hit(texts, explanation, query)


def _build_hit(texts: _RowTexts, explanation: Explanation, query: SearchQuery) -> Hit:
    row, item, tables = texts.row, texts.item, texts.tables
    return Hit(
        kind=row.kind,
        pk=row.pk,
        slug=item.slug,
        name=item.name,
        name_spans=explanation.name_spans,
        summary=item.summary.text,
        shown_summary=explanation.summary,
        summary_spans=explanation.summary_spans,
        domain=item.domain,
        domain_slug=item.domain_slug,
        tier=item.tier,
        place=item.place,
        table_ids=item.tables,
        columns=sum(len(table.columns.names) for table in tables),
        sensitive_columns=sum(table.columns.sensitive for table in tables),
        classifications=row.classifications,
        access=row.access,
        teams=row.teams,
        reasons=explanation.reasons,
        missing=tuple(dict.fromkeys(" ".join(query.terms.words[at - 1][0]) for at in row.missing)),
        lifecycle=item.lifecycle,
        is_exact=row.is_exact,
        quality=item.quality,
        table_name=f"{tables[0].database}.{tables[0].name}" if tables else "",
        freshness_hours=item.freshness_hours,
    )


def _explain(matcher: Matcher, found: Sequence[_RowTexts]) -> list[Explanation]:
    """Long texts are read to their ends, by one more query, only where a word is in no other text."""
    explanations = _explain_rows(matcher, [(one, one.candidates) for one in found])
    cut = [at for at, one in enumerate(found) if one.are_cut and not explanations[at].is_complete]
    if matcher.has_words and cut:
        products = [found[at].row.pk for at in cut if found[at].row.kind == "product"]
        long = read_long_texts(products, {pk for at in cut for pk in found[at].item.tables})
        whole = [(found[at], _add_long_texts(found[at], long)) for at in cut]
        for at, explanation in zip(cut, _explain_rows(matcher, whole), strict=True):
            explanations[at] = explanation
    for at, one in enumerate(found):
        if matcher.has_words and not explanations[at].reasons:
            texts = replace(one.select(matcher, ()), candidates=one.candidates)
            explanations[at] = explain(matcher, texts, anywhere=True)
    return explanations


def _explain_rows(
    matcher: Matcher, rows: Sequence[tuple[_RowTexts, Sequence[Candidate]]]
) -> list[Explanation]:
    selected = [one.select(matcher, candidates) for one, candidates in rows]
    matcher.read_stems(text for texts in selected for text in texts.all())
    return [explain(matcher, texts) for texts in selected]


def _add_long_texts(texts: _RowTexts, long: LongTexts) -> list[Candidate]:
    own = long.products.get(texts.row.pk, []) if texts.row.kind == "product" else []
    read = [*own, *(one for pk in texts.item.tables for one in long.tables.get(pk, ()))]
    replaced = {one[:2] for one in read}
    return [*(candidate for candidate in texts.candidates if candidate[:2] not in replaced), *read]


def _list_candidates(row: MatchedRow, item: Item, tables: Sequence[Item]) -> Iterator[Candidate]:
    """Texts that may be a reason, the most telling first."""
    yield from item.candidates
    for table in tables if row.kind == "product" else ():
        yield Candidate("table", "", table.name)
        yield table.summary
    for table in tables:
        yield from table.columns.candidates
    for table in tables if row.kind == "product" else ():
        yield from (candidate for candidate in table.candidates if candidate.field != "owner")


def _list_given_reasons(
    row: MatchedRow, query: SearchQuery, terms: Sequence[MatchedTerm], tables: Sequence[Item]
) -> Iterator[Reason]:
    """The first terms that are linked with it, and the first columns that a typed filter names."""
    linked = [term for term in terms if row.pk in (term.products if row.kind == "product" else term.tables)]
    for each in linked[:MAX_LINKED_TERMS]:
        yield Reason("term", "", each.label, ((0, len(each.name)),), each.label)
    names = [each.value for each in query.typed.filters if each.name == "column" and not each.excluded]
    if names:
        pattern = re.compile("|".join(map(re.escape, names)), re.IGNORECASE)
        columns = ((table.name, name) for table in tables for name in table.columns.names)
        found = ((table, name, match) for table, name in columns if (match := pattern.search(name)))
        for table, name, match in islice(found, MAX_FILTERED_COLUMNS):
            yield Reason("column", table, name, (match.span(),))
