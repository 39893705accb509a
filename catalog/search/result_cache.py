"""Caches results of searches in the process until something that they show is altered.

It is kept under all that it depends on: what is asked, the teams of who asks (colleagues find the same), and the state of
the catalog, which each request reads. Another state is another key, so that nothing is shown that a search would not find
at this moment. See ADR 32.
"""

from threading import Lock
from typing import NamedTuple

from cachetools import LRUCache, cached

from catalog.change_versions import State, state_of_catalog
from catalog.search.query import SearchQuery
from catalog.search.results import SearchResult
from catalog.search.search import search
from identity.people.may import teams_of
from identity.people.models import Person

MOST_KEPT = 512
"""Pages of results; some tens of megabytes a process at most."""


class _Asked(NamedTuple):
    query: SearchQuery
    teams: frozenset[int]
    limit: int
    offset: int
    state: State


def found_for(query: SearchQuery, *, person: Person, limit: int, offset: int) -> SearchResult:
    """As `catalog.search.search.search`; two queries when it is kept, one of them for the teams."""
    asked = _Asked(query, teams_of(person), limit, offset, state_of_catalog())
    return _found(asked, person)


@cached(LRUCache(MOST_KEPT), key=lambda asked, _person: asked, lock=Lock())
def _found(asked: _Asked, person: Person) -> SearchResult:
    return search(asked.query, person=person, limit=asked.limit, offset=asked.offset)
