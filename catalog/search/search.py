"""The search: one page of hits with facets, spelling correction and glossary terms.

The key contains everything that a result depends on: the query, the teams of the person (colleagues find the same), what they
may see, and the state of the catalog, which each request reads. See ADR 32.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from threading import Lock
from typing import NamedTuple

from cachetools import LRUCache, cached

from catalog.change_versions import CatalogVersion
from catalog.products.may import read_search_state
from catalog.search.facets import Facet, build_facets
from catalog.search.plans.general_plan import starts_after_widened
from catalog.search.plans.matches import Keys, MatchedRow, Matches, PageRange, SearchRequest
from catalog.search.plans.rare_term_plan import GENERAL, find_matches
from catalog.search.query import SearchQuery
from catalog.search.results import Hit, SearchResult, build_hits, build_result
from catalog.search.spelling import correct_spelling
from catalog.search.text_queries import FEW, find_exact
from identity.people.may import get_team_ids
from identity.people.models import Person

MAX_EXPORTED = 100_000
EXPORT_BATCH = 200
_STORAGE_FIELDS = frozenset({"location", "id"})


def search(
    query: SearchQuery, *, person: Person, limit: int = 20, offset: int = 0, after: Keys | None = None
) -> SearchResult:
    """One page of what matches, and the counts of everything that does; misspelled words are corrected if nothing matches.

    The page starts after the row with the keys `after`, `following` of the page before. One statement finds, one more if that
    is little, and the rest are for texts and spelling; none grows with what is found.
    """
    page = PageRange(limit + 1, max(offset, 0), after)

    def show(query: SearchQuery) -> SearchResult:
        return show_request(_make_request(query, person, page))

    def show_request(request: SearchRequest) -> SearchResult:
        return build(request.query, find_matches(request))

    def build(query: SearchQuery, matches: Matches) -> SearchResult:
        result = build_result(query, matches, limit)
        return _hide_storage(result) if person.is_external else result

    request = _make_request(query, person, page)
    if after is not None and starts_after_widened(query, after):
        return show_request(replace(request, is_widened=True))
    found = find_matches(request)
    if found.total >= FEW or not query.terms.positive:
        return correct_spelling(build(query, found), show, person)
    if found.total:
        widened = show_request(replace(request, is_widened=True))
        suggested = correct_spelling(replace(widened, total=found.total), show, person)
        return suggested if suggested.corrected else replace(widened, did_you_mean=suggested.did_you_mean)
    corrected = correct_spelling(build(query, found), show, person)
    if corrected.total >= FEW:
        return corrected
    if corrected.corrected:
        request = _make_request(corrected.query, person, page)
    return replace(show_request(replace(request, is_widened=True)), corrected=corrected.corrected)


def count_facets(query: SearchQuery, *, person: Person) -> tuple[Facet, ...]:
    """The facets alone, by four queries."""
    facets = build_facets(query, GENERAL.count_facets(_request_everything(query, person, limit=0)))
    return _leave_out_accounts(facets) if person.is_external else facets


def _hide_storage(found: SearchResult) -> SearchResult:
    """Without the names of accounts, folders and ids in AWS, which are not for people from outside."""
    hits = tuple(
        replace(hit, reasons=tuple(reason for reason in hit.reasons if reason.field not in _STORAGE_FIELDS))
        for hit in found.hits
    )
    return replace(found, hits=hits, facets=_leave_out_accounts(found.facets))


def _leave_out_accounts(facets: tuple[Facet, ...]) -> tuple[Facet, ...]:
    return tuple(facet for facet in facets if facet.name != "producer")


def list_every_hit(query: SearchQuery, *, person: Person) -> Iterator[Hit]:
    """Everything that `search` finds, in its order and without reasons; at most `MAX_EXPORTED`, in batches."""
    rows = GENERAL.read_every_row(_request_everything(query, person, limit=MAX_EXPORTED))
    while batch := list(islice(rows, EXPORT_BATCH)):
        yield from build_hits(batch, SearchQuery())


def list_matches(query: SearchQuery, *, person: Person, limit: int) -> list[MatchedRow]:
    """The first rows alone, by three queries. Words are neither corrected nor left out."""
    return list(GENERAL.read_every_row(_make_request(query, person, PageRange(limit))))


def _request_everything(query: SearchQuery, person: Person, *, limit: int) -> SearchRequest:
    request = _make_request(query, person, PageRange(0))
    is_widened = bool(query.terms.positive) and find_matches(request).total < FEW
    return replace(request, page=PageRange(limit), is_widened=is_widened)


def _make_request(query: SearchQuery, person: Person, page: PageRange) -> SearchRequest:
    return SearchRequest(query, person, page, exact=find_exact(query.typed.words, person))


MAX_CACHED = 512
"""Pages of results; some tens of megabytes a process at most."""


class _Key(NamedTuple):
    query: SearchQuery
    teams: frozenset[int]
    audience: tuple[int, ...]
    limit: int
    offset: int
    state: CatalogVersion


def get_cached_search(query: SearchQuery, *, person: Person, limit: int, offset: int) -> SearchResult:
    """`catalog.search.search.search`; two queries if it is cached, one of them for the teams."""
    state, audience = read_search_state(person)
    key = _Key(query, get_team_ids(person), audience, limit, offset, state)
    return _search(key, person)


@cached(LRUCache(MAX_CACHED), key=lambda key, _person: key, lock=Lock())
def _search(key: _Key, person: Person) -> SearchResult:
    return search(key.query, person=person, limit=key.limit, offset=key.offset)
