"""Caches results of searches in the process until something that they show changes.

The key contains everything that a result depends on: the query, the teams of the person (colleagues find the same), what they
may see, and the state of the catalog, which each request reads. See ADR 32.
"""

from threading import Lock
from typing import NamedTuple

from cachetools import LRUCache, cached

from catalog.change_versions import CatalogVersion
from catalog.products.audience import read_search_state
from catalog.search.query import SearchQuery
from catalog.search.results import SearchResult
from catalog.search.search import search
from identity.people.may import get_team_ids
from identity.people.models import Person

MAX_CACHED = 512
"""Pages of results; some tens of megabytes a process at most."""


class _Key(NamedTuple):
    query: SearchQuery
    teams: frozenset[int]
    audience: tuple[int, ...]
    limit: int
    offset: int
    state: CatalogVersion


def cached_search(query: SearchQuery, *, person: Person, limit: int, offset: int) -> SearchResult:
    """`catalog.search.search.search`; two queries if it is cached, one of them for the teams."""
    state, audience = read_search_state(person)
    key = _Key(query, get_team_ids(person), audience, limit, offset, state)
    return _search(key, person)


@cached(LRUCache(MAX_CACHED), key=lambda key, _person: key, lock=Lock())
def _search(key: _Key, person: Person) -> SearchResult:
    return search(key.query, person=person, limit=key.limit, offset=key.offset)
