"""The search: one page of hits with facets, spelling correction and glossary terms."""

from collections.abc import Iterator
from itertools import islice

from catalog.search.facets import Facet, build_facets
from catalog.search.plans.matches import Keys, PageRange, SearchRequest
from catalog.search.plans.selection import GENERAL, find_matches
from catalog.search.query import SearchQuery
from catalog.search.results import Hit, SearchResult, build_hits, build_result
from catalog.search.spelling import correct_spelling
from identity.people.models import Person

MAX_EXPORTED = 100_000
EXPORT_BATCH = 200


def search(
    query: SearchQuery, *, person: Person, limit: int = 20, offset: int = 0, after: Keys | None = None
) -> SearchResult:
    """One page of what matches, and the counts of everything that does; misspelled words are corrected if nothing matches.

    The page starts after the row with the keys `after`, `following` of the page before. Seven queries, five for a page that
    was shown before, two less with a rare word.
    """

    def find(query: SearchQuery) -> SearchResult:
        page = PageRange(limit + 1, max(offset, 0), after)
        return build_result(query, find_matches(SearchRequest(query, person, page)), limit)

    return correct_spelling(find(query), find)


def count_facets(query: SearchQuery, *, person: Person) -> tuple[Facet, ...]:
    """The facets alone, by two queries."""
    return build_facets(query, GENERAL.count_facets(SearchRequest(query, person, PageRange(limit=0))))


def every_hit(query: SearchQuery, *, person: Person) -> Iterator[Hit]:
    """Everything that matches, in its order and without reasons; at most `MAX_EXPORTED`, in batches."""
    rows = GENERAL.every_row(SearchRequest(query, person, PageRange(MAX_EXPORTED)))
    while batch := list(islice(rows, EXPORT_BATCH)):
        yield from build_hits(batch, SearchQuery())
