"""The search: products first, then tables that are in no product; with facets, and a reason for each hit.

Everyone who is signed in sees what is published. What is not published is neither shown nor counted.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from catalog import scarce, search_sql
from catalog.correction import corrections, likelier
from catalog.facets import Count, Facet, facets_of
from catalog.glossary import Heard, SpokenTerm, heard_of, synonyms_of
from catalog.matching import Candidate, Matcher, Reason, Sought, Spans
from catalog.models import Classification
from catalog.prepared import prepared
from catalog.query import SearchQuery, Terms, terms
from catalog.telling import ToldTable, told_products, told_tables
from catalog.typed import Filter
from identity.people.may import teams_of
from identity.people.models import Person

Keys = tuple[Any, ...]
"""By what a row is sorted: the next page goes on after those of the last one."""
MOST_REASONS = 3
FEW = 2
MOST_EXPORTED = 100_000
EXPORT_BATCH = 200
_CLASSES = tuple(Classification.values)


@dataclass(frozen=True)
class Hit:
    """A product (`kind` product, with `slug`) or a table (`kind` table); spans are for highlighting.

    `teams` is how many use it, as of the last count (`catalog.popularity`).
    """

    kind: str
    pk: int
    slug: str
    name: str
    name_spans: Spans
    summary: str
    summary_spans: Spans
    domain: str
    tier: str
    place: str
    tables: int
    columns: int
    sensitive_columns: int
    classifications: tuple[str, ...]
    has_access: bool
    teams: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class SearchResult:
    """`total` counts products and tables, of which `products` are products; `hits` is one page.

    `corrected` is the text that was searched instead, `did_you_mean` one that may have been meant; or empty.
    `terms` are those of the glossary of which the search speaks. `following` are the keys after which the next
    page goes on; None on the last one. Counts and `total` are estimated by a sample when they are very many.
    """

    query: SearchQuery
    hits: tuple[Hit, ...]
    total: int
    products: int
    facets: tuple[Facet, ...]
    corrected: str = ""
    did_you_mean: str = ""
    terms: tuple[SpokenTerm, ...] = ()
    following: Keys | None = None
    is_estimated: bool = False


@dataclass(frozen=True)
class _Row:
    kind: str
    pk: int
    access: str
    classifications: tuple[str, ...]
    teams: int
    keys: Keys


@dataclass(frozen=True)
class _Part:
    """Which rows: so many after the first `offset`, or after the row with the keys `after`."""

    limit: int
    offset: int
    after: Keys | None


@dataclass(frozen=True)
class Matches:
    """Counts by facet and value, `total` among them, and the rows of one page."""

    counts: tuple[Count, ...]
    rows: tuple[_Row, ...]


def search(
    query: SearchQuery, *, person: Person, limit: int = 20, offset: int = 0, after: Keys | None = None
) -> SearchResult:
    """One page of what matches, and the counts of the whole; misspelt words are put right when nothing matches.

    The page begins `after` the row with these keys, `following` of the page before, when they are given.
    Seven queries when something is found, whatever it is, and five when it was shown before; two less where a word is rare
    (see `catalog.scarce`); with up to `FEW` hits, two more for a likelier word.
    """
    part = _Part(limit, max(offset, 0), after)
    found = _search(query, person, part)
    if found.total > FEW or not query.typed.words:
        return found
    asked = terms(query.typed.words)
    if found.total:
        return replace(found, did_you_mean=likelier(query.text, asked))
    for better in corrections(query.text, asked):
        instead = _search(replace(query, text=better), person, part)
        if instead.total:
            return replace(instead, corrected=better)
    return found


def facets(query: SearchQuery, *, person: Person) -> tuple[Facet, ...]:
    """The facets alone, by two queries."""
    asked = terms(query.typed.words)
    spoken = heard_of(asked).terms
    with prepared() as cursor:
        given = search_sql.parameters(query, asked, spoken, teams_of(person), limit=0, offset=0)
        cursor.execute(search_sql.counts_statement(query, spoken), given)
        counts = cursor.fetchall()
    return facets_of(query, counts)


def every_hit(query: SearchQuery, *, person: Person) -> Iterator[Hit]:
    """Everything that matches, in its order and without reasons; `MOST_EXPORTED` at most, read in batches."""
    asked = terms(query.typed.words)
    spoken = heard_of(asked).terms
    given = search_sql.parameters(query, asked, spoken, teams_of(person), limit=MOST_EXPORTED, offset=0)
    with prepared() as cursor:
        cursor.execute(search_sql.page_statement(query, spoken), given)
        rows = [_row((*row[:4], json.loads(row[4]))) for row in cursor.fetchall()]
    nothing = Sought(terms(""))
    for start in range(0, len(rows), EXPORT_BATCH):
        yield from _Found(rows[start : start + EXPORT_BATCH], nothing).hits()


def matches(query: SearchQuery, *, person: Person, limit: int = 20, offset: int = 0) -> Matches:
    """What one page holds and how much there is, by two queries; without the texts that tell it."""
    _, found = _matches(query, terms(query.typed.words), person, _Part(limit, max(offset, 0), None))
    return found


def _matches(query: SearchQuery, asked: Terms, person: Person, part: _Part) -> tuple[Heard, Matches]:
    if asked.positive and not asked.is_either and part.after is None and search_sql.is_plain(query):
        heard, found = scarce.find(asked, person, limit=part.limit, offset=part.offset)
        if found is not None:
            return heard, Matches(found.counts, tuple(map(_row, found.rows)))
    else:
        heard = heard_of(asked)
    is_rare = search_sql.is_rare(asked, heard)
    return heard, _matches_at_length(query, asked, heard, teams_of(person), part, is_rare=is_rare)


def _matches_at_length(
    query: SearchQuery, asked: Terms, heard: Heard, teams: frozenset[int], part: _Part, *, is_rare: bool
) -> Matches:
    given = search_sql.parameters(query, asked, heard.terms, teams, limit=part.limit, offset=part.offset)
    goes_on = search_sql.after_parameters(query, part.after) if part.after is not None else {}
    statement = search_sql.statement(query, heard.terms, goes_on=bool(goes_on), is_rare=is_rare)
    with prepared() as cursor:
        cursor.execute(statement, given | goes_on)
        found = cursor.fetchall()
    hits = sorted((row for row in found if row[0] == "hit"), key=itemgetter(3))
    rows = [_row(json.loads(row[1])) for row in hits]
    return Matches(tuple(row for row in found if row[0] != "hit"), tuple(rows))


def _search(query: SearchQuery, person: Person, part: _Part) -> SearchResult:
    asked = terms(query.typed.words)
    heard, matched = _matches(query, asked, person, replace(part, limit=part.limit + 1))
    spoken = heard.terms
    rows = list(matched.rows[: part.limit])
    totals = {value: count for facet, value, _, count in matched.counts if facet == "total"}
    found = _Found(rows, Sought(asked, synonyms_of(spoken)), spoken, query.typed.filters)
    return SearchResult(
        query=query,
        hits=tuple(found.hits()),
        total=sum(totals.values()),
        products=totals.get("product", 0),
        facets=facets_of(query, matched.counts),
        terms=spoken,
        is_estimated=any(facet == "estimated" for facet, *_ in matched.counts),
        following=rows[-1].keys if 0 < part.limit < len(matched.rows) else None,
    )


class _Found:
    """The rows of one page, and what is told about them."""

    def __init__(
        self,
        rows: list[_Row],
        sought: Sought,
        spoken: tuple[SpokenTerm, ...] = (),
        filters: tuple[Filter, ...] = (),
    ) -> None:
        self._rows = rows
        self._spoken = spoken
        said = [each.value for each in filters if each.name == "column" and not each.excluded]
        self._named = re.compile("|".join(map(re.escape, said)), re.IGNORECASE) if said else None
        self._products = told_products([row.pk for row in rows if row.kind == "product"])
        linked = (pk for product in self._products.values() for pk in product.tables)
        self._tables = told_tables({*(row.pk for row in rows if row.kind == "table"), *linked})
        self._possible = [sought.among(self._candidates(row)) for row in rows]
        self._matcher = Matcher(sought, (one.text for possible in self._possible for one in possible))

    def hits(self) -> Iterator[Hit]:
        for row, possible in zip(self._rows, self._possible, strict=True):
            told = (*self._linked(row), *self._by_filter(row))
            more = self._matcher.reasons(possible, MOST_REASONS - len(told))
            reasons = (*told, *(reason for reason in more if reason not in told))
            yield (self._product if row.kind == "product" else self._table)(row, reasons)

    def _linked(self, row: _Row) -> tuple[Reason, ...]:
        """The terms of the search that somebody linked with it."""
        linked = [t for t in self._spoken if row.pk in (t.products if row.kind == "product" else t.tables)]
        return tuple(Reason("term", "", t.name, ((0, len(t.name)),), t.name) for t in linked[:FEW])

    def _by_filter(self, row: _Row) -> Iterator[Reason]:
        """The first columns that a typed filter names."""
        if self._named is None:
            return
        columns = ((table.name, name) for table in self._tables_for(row) for name in table.columns.names)
        found = ((table, name, match) for table, name in columns if (match := self._named.search(name)))
        for table, name, match in islice(found, FEW):
            yield Reason("column", table, name, (match.span(),))

    def _candidates(self, row: _Row) -> Iterator[Candidate]:
        own = self._own_candidates(row)
        return chain(own, *(table.columns.candidates for table in self._tables_for(row)))

    def _own_candidates(self, row: _Row) -> Iterator[Candidate]:
        """Those of what is found itself, and of its tables without their columns."""
        if row.kind == "product":
            product = self._products[row.pk]
            yield Candidate("name", "", product.name)
            yield Candidate("summary", "", product.summary)
            yield from (Candidate("keyword", "", word) for word in product.keywords)
            yield Candidate("domain", "", product.domain)
            yield Candidate("description", "", product.description)
        for table in self._tables_for(row):
            yield Candidate("name" if row.kind == "table" else "table", "", table.name)
            yield Candidate("description", table.name, table.description)
            if row.kind == "table":
                yield Candidate("database", "", table.database)
                yield Candidate("owner", "", table.owner)

    def _tables_for(self, row: _Row) -> list[ToldTable]:
        tables = self._products[row.pk].tables if row.kind == "product" else (row.pk,)
        return [self._tables[pk] for pk in tables]

    def _product(self, row: _Row, reasons: tuple[Reason, ...]) -> Hit:
        product = self._products[row.pk]
        told = _Told(
            product.name, product.summary, product.slug, product.domain, product.tier, product.domain
        )
        return self._hit(row, reasons, told)

    def _table(self, row: _Row, reasons: tuple[Reason, ...]) -> Hit:
        table = self._tables[row.pk]
        place = f"{table.catalog} / {table.database}"
        told = _Told(table.name, table.description, "", table.domain, table.tier, place)
        return self._hit(row, reasons, told)

    def _hit(self, row: _Row, reasons: tuple[Reason, ...], told: "_Told") -> Hit:
        tables = self._tables_for(row)
        return Hit(
            kind=row.kind,
            pk=row.pk,
            slug=told.slug,
            name=told.name,
            name_spans=self._matcher.spans(told.name),
            summary=told.summary,
            summary_spans=self._matcher.spans(told.summary),
            domain=told.domain,
            tier=told.tier,
            place=told.place,
            tables=len(tables),
            columns=sum(len(table.columns.names) for table in tables),
            sensitive_columns=sum(table.columns.sensitive for table in tables),
            classifications=row.classifications,
            has_access=row.access == "have",
            teams=row.teams,
            reasons=reasons,
        )


@dataclass(frozen=True)
class _Told:
    name: str
    summary: str
    slug: str
    domain: str
    tier: str
    place: str


def _row(row: Sequence[Any]) -> _Row:
    number, access, classifications, teams, keys = row
    kind = "product" if number < 0 else "table"
    return _Row(kind, abs(number), access, _in_order(tuple(classifications)), teams, tuple(keys))


@lru_cache(maxsize=64)
def _in_order(classifications: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value for value in _CLASSES if value in classifications)
