"""The search: one page of hits with facets, spelling correction and glossary terms."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from catalog.search.exact_names import find_exact
from catalog.search.facets import Facet, build_facets
from catalog.search.plans.general_plan import starts_after_widened
from catalog.search.plans.matches import Keys, Matches, PageRange, SearchRequest
from catalog.search.plans.selection import GENERAL, find_matches
from catalog.search.query import SearchQuery
from catalog.search.results import Hit, SearchResult, build_hits, build_result
from catalog.search.spelling import correct_spelling
from catalog.search.text_queries import FEW
from identity.people.models import Person

MAX_EXPORTED = 100_000
EXPORT_BATCH = 200


def search(
    query: SearchQuery, *, person: Person, limit: int = 20, offset: int = 0, after: Keys | None = None
) -> SearchResult:
    """One page of what matches, and the counts of everything that does; misspelled words are corrected if nothing matches.

    The page starts after the row with the keys `after`, `following` of the page before. One statement finds, one more if that
    is little, and the rest are for texts and spelling; none grows with what is found.
    """
    page = PageRange(limit + 1, max(offset, 0), after)

    def find(query: SearchQuery, *, is_widened: bool = False) -> Matches:
        return find_matches(
            SearchRequest(query, person, page, is_widened, exact=find_exact(query.typed.words))
        )

    def show(query: SearchQuery, *, is_widened: bool = False) -> SearchResult:
        return build_result(query, find(query, is_widened=is_widened), limit)

    if after is not None and starts_after_widened(query, after):
        return show(query, is_widened=True)
    found = find(query)
    if found.total >= FEW or not query.terms.positive:
        return correct_spelling(build_result(query, found, limit), show)
    if not found.total:
        corrected = correct_spelling(build_result(query, found, limit), show)
        if corrected.total >= FEW:
            return corrected
        return replace(show(corrected.query, is_widened=True), corrected=corrected.corrected)
    widened = show(query, is_widened=True)
    suggested = correct_spelling(replace(widened, total=found.total), show).did_you_mean
    return replace(widened, did_you_mean=suggested)


def count_facets(query: SearchQuery, *, person: Person) -> tuple[Facet, ...]:
    """The facets alone, by four queries."""
    return build_facets(query, GENERAL.count_facets(_request_everything(query, person, limit=0)))


def every_hit(query: SearchQuery, *, person: Person) -> Iterator[Hit]:
    """Everything that `search` finds, in its order and without reasons; at most `MAX_EXPORTED`, in batches."""
    rows = GENERAL.every_row(_request_everything(query, person, limit=MAX_EXPORTED))
    while batch := list(islice(rows, EXPORT_BATCH)):
        yield from build_hits(batch, SearchQuery())


def _request_everything(query: SearchQuery, person: Person, *, limit: int) -> SearchRequest:
    exact = find_exact(query.typed.words)
    request = SearchRequest(query, person, PageRange(limit), exact=exact)
    if query.terms.positive and find_matches(replace(request, page=PageRange(0))).total < FEW:
        return replace(request, is_widened=True)
    return request
