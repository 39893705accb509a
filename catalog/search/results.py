"""What a search found, as values: hits with their reasons, and one page of them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from catalog.mirror.models import Classification
from catalog.search.facets import Count, Facet
from catalog.search.filter_syntax import Filter
from catalog.search.query import SearchQuery
from catalog.search.result_rows import ToldTable, told_products, told_tables
from catalog.search.snippets import Candidate, Matcher, Reason, Sought, Spans
from catalog.search.synonyms import SpokenTerm

Keys = tuple[Any, ...]
"""By what a row is sorted: the next page goes on after those of the last one."""
MOST_REASONS = 3
FEW = 2
_CLASSES = tuple(Classification.values)


@dataclass(frozen=True)
class Hit:
    """A product (`kind` product, with `slug`) or a table (`kind` table); spans are for highlighting.

    `teams` is how many use it, as of the last count (`catalog.usage.popularity`).
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
class MatchedRow:
    kind: str
    pk: int
    access: str
    classifications: tuple[str, ...]
    teams: int
    keys: Keys


@dataclass(frozen=True)
class PageRange:
    """Which rows: so many after the first `offset`, or after the row with the keys `after`."""

    limit: int
    offset: int
    after: Keys | None


@dataclass(frozen=True)
class Matches:
    """Counts by facet and value, `total` among them, and the rows of one page."""

    counts: tuple[Count, ...]
    rows: tuple[MatchedRow, ...]


class HitPage:
    """The rows of one page, and what is told about them."""

    def __init__(
        self,
        rows: list[MatchedRow],
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

    def _linked(self, row: MatchedRow) -> tuple[Reason, ...]:
        """The terms of the search that somebody linked with it."""
        linked = [t for t in self._spoken if row.pk in (t.products if row.kind == "product" else t.tables)]
        return tuple(Reason("term", "", t.name, ((0, len(t.name)),), t.name) for t in linked[:FEW])

    def _by_filter(self, row: MatchedRow) -> Iterator[Reason]:
        """The first columns that a typed filter names."""
        if self._named is None:
            return
        columns = ((table.name, name) for table in self._tables_for(row) for name in table.columns.names)
        found = ((table, name, match) for table, name in columns if (match := self._named.search(name)))
        for table, name, match in islice(found, FEW):
            yield Reason("column", table, name, (match.span(),))

    def _candidates(self, row: MatchedRow) -> Iterator[Candidate]:
        own = self._own_candidates(row)
        return chain(own, *(table.columns.candidates for table in self._tables_for(row)))

    def _own_candidates(self, row: MatchedRow) -> Iterator[Candidate]:
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

    def _tables_for(self, row: MatchedRow) -> list[ToldTable]:
        tables = self._products[row.pk].tables if row.kind == "product" else (row.pk,)
        return [self._tables[pk] for pk in tables]

    def _product(self, row: MatchedRow, reasons: tuple[Reason, ...]) -> Hit:
        product = self._products[row.pk]
        told = _Told(
            product.name, product.summary, product.slug, product.domain, product.tier, product.domain
        )
        return self._hit(row, reasons, told)

    def _table(self, row: MatchedRow, reasons: tuple[Reason, ...]) -> Hit:
        table = self._tables[row.pk]
        place = f"{table.catalog} / {table.database}"
        told = _Told(table.name, table.description, "", table.domain, table.tier, place)
        return self._hit(row, reasons, told)

    def _hit(self, row: MatchedRow, reasons: tuple[Reason, ...], told: "_Told") -> Hit:
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


def matched_row(row: Sequence[Any]) -> MatchedRow:
    number, access, classifications, teams, keys = row
    kind = "product" if number < 0 else "table"
    return MatchedRow(kind, abs(number), access, _in_order(tuple(classifications)), teams, tuple(keys))


@lru_cache(maxsize=64)
def _in_order(classifications: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value for value in _CLASSES if value in classifications)
