"""Requests, matches, and the interface of a search plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from catalog.mirror.models import Classification
from catalog.search.facets import Count
from catalog.search.glossary_terms import Lookup, MatchedTerm
from catalog.search.query import SearchQuery
from identity.people.models import Person

_CLASSIFICATIONS = tuple(Classification.values)
Keys = tuple[Any, ...]
"""The values that a row is sorted by; the next page starts after those of the last row."""


@dataclass(frozen=True)
class PageRange:
    """`limit` rows after the first `offset`, or after the row with the keys `after`."""

    limit: int = 20
    offset: int = 0
    after: Keys | None = None


@dataclass
class SearchRequest:
    """`is_widened`: also what contains only some of the words; see `catalog.search.text_queries`. `exact` are the ids of documents
    that the text names. `lookup` is set by the first plan that reads it, so that the next one need not.
    """

    query: SearchQuery
    person: Person
    page: PageRange
    is_widened: bool = False
    exact: tuple[int, ...] = ()
    lookup: Lookup | None = None

    @property
    def has_levels(self) -> bool:
        return self.is_widened or bool(self.exact)


@dataclass(frozen=True)
class MatchedRow:
    kind: str
    pk: int
    access: str
    classifications: tuple[str, ...]
    teams: int
    keys: Keys
    missing: tuple[int, ...] = ()
    """Places, from 1, of the words that it does not contain."""
    is_exact: bool = False


def matched_row(
    document: int,
    access: str,
    classifications: Sequence[str],
    teams: int,
    keys: Sequence[Any],
    *,
    missing: Sequence[int] = (),
    is_exact: bool = False,
) -> MatchedRow:
    kind = "product" if document < 0 else "table"
    if len(classifications) > 1:
        classifications = [value for value in _CLASSIFICATIONS if value in classifications]
    return MatchedRow(
        kind, abs(document), access, tuple(classifications), teams, tuple(keys), tuple(missing), is_exact
    )


@dataclass(frozen=True)
class Matches:
    """Counts by facet and value, with the facets `total` and `estimated`; the rows of one page; glossary terms."""

    counts: tuple[Count, ...]
    rows: tuple[MatchedRow, ...]
    terms: tuple[MatchedTerm, ...] = ()

    @property
    def total(self) -> int:
        return sum(count for facet, *_, count in self.counts if facet == "total")


class SearchPlan(Protocol):
    """Finds, counts and sorts what matches a request."""

    def find(self, request: SearchRequest) -> Matches | None:
        """None where the plan does not apply."""
