"""Assembles the result of a search: matched rows with their texts, reasons and facets."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from catalog.search.facets import Facet, build_facets
from catalog.search.items import Item, LongTexts, read_long_texts, read_products, read_tables
from catalog.search.plans.matches import Keys, MatchedRow, Matches
from catalog.search.query import SearchQuery
from catalog.search.reasons import Explanation, HitTexts, Reason, explain
from catalog.search.snippets import Candidate, Matcher, Spans
from catalog.search.text_queries import MatchedTerm

MAX_LINKED_TERMS = MAX_FILTERED_COLUMNS = 2
"""Of the reasons of one hit."""


@dataclass(frozen=True)
class Hit:
    """A product (`kind` product, with `slug`) or a table (`kind` table). Spans are for highlighting: those of the summary are
    offsets in `shown_summary`, a part of it if it is long.

    `table_ids` are a product's tables in their order, or the table itself. `access` is a value of the facet of this name. `teams` is
    how many use it, as of the last count (`catalog.usage.recording`). `missing` are words that it does not contain. `lifecycle` is a product's.
    `is_exact`: the text is its name, address or the like; see `catalog.search.text_queries`. `quality` is in percent, None if unknown.
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

    @property
    def tables(self) -> int:
        return len(self.table_ids)

    @property
    def has_access(self) -> bool:
        return self.access == "have"


@dataclass(frozen=True)
class SearchResult:
    """`total` counts products and tables, of which `products` are products; `hits` is one page.

    `corrected` is the text that was searched instead, `did_you_mean` one that may have been meant; or empty. `terms` are the
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
        given = tuple(_given_reasons(row, query, terms, of_item))
        found.append(_RowTexts(row, item, of_item, list(_candidates(row, item, of_item)), given))
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
    )


def _explain(matcher: Matcher, found: Sequence[_RowTexts]) -> list[Explanation]:
    """Long texts are read to their ends, by one more query, only where a word is in no other text."""
    explanations = _explain_rows(matcher, [(one, one.candidates) for one in found])
    cut = [at for at, one in enumerate(found) if one.are_cut and not explanations[at].is_complete]
    if matcher.has_words and cut:
        products = [found[at].row.pk for at in cut if found[at].row.kind == "product"]
        long = read_long_texts(products, {pk for at in cut for pk in found[at].item.tables})
        whole = [(found[at], _with_long_texts(found[at], long)) for at in cut]
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


def _with_long_texts(texts: _RowTexts, long: LongTexts) -> list[Candidate]:
    own = long.products.get(texts.row.pk, []) if texts.row.kind == "product" else []
    read = [*own, *(one for pk in texts.item.tables for one in long.tables.get(pk, ()))]
    replaced = {one[:2] for one in read}
    return [*(one for one in texts.candidates if one[:2] not in replaced), *read]


def _candidates(row: MatchedRow, item: Item, tables: Sequence[Item]) -> Iterator[Candidate]:
    """Texts that may be a reason, the most telling first."""
    yield from item.candidates
    for table in tables if row.kind == "product" else ():
        yield Candidate("table", "", table.name)
        yield table.summary
    for table in tables:
        yield from table.columns.candidates
    for table in tables if row.kind == "product" else ():
        yield from (one for one in table.candidates if one.field != "owner")


def _given_reasons(
    row: MatchedRow, query: SearchQuery, terms: Sequence[MatchedTerm], tables: Sequence[Item]
) -> Iterator[Reason]:
    """The first terms that are linked with it, and the first columns that a typed filter names."""
    linked = [each for each in terms if row.pk in (each.products if row.kind == "product" else each.tables)]
    for each in linked[:MAX_LINKED_TERMS]:
        yield Reason("term", "", each.label, ((0, len(each.name)),), each.label)
    names = [each.value for each in query.typed.filters if each.name == "column" and not each.excluded]
    if names:
        pattern = re.compile("|".join(map(re.escape, names)), re.IGNORECASE)
        columns = ((table.name, name) for table in tables for name in table.columns.names)
        found = ((table, name, match) for table, name in columns if (match := pattern.search(name)))
        for table, name, match in islice(found, MAX_FILTERED_COLUMNS):
            yield Reason("column", table, name, (match.span(),))
