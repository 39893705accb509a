"""What a saved search matches, for its person: the newest of each kind, up to a limit."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from catalog.search.models import SavedSearch
from catalog.search.plans.matches import MatchedRow
from catalog.search.query import SearchQuery
from catalog.search.results import Hit, build_hits
from catalog.search.search import list_matches
from identity.people.models import Person

MAX_MATCHES = 300
"""Products, and as many tables, that are compared."""
TYPES = (("product",), ("table", "view"))
Key = tuple[str, int]
"""Kind and id."""


@dataclass(frozen=True)
class RecentMatches:
    """Newest first. `is_cut`: there are older ones."""

    rows: tuple[MatchedRow, ...]
    is_cut: bool

    def find_new(self, known: Iterable[Key]) -> list[Key]:
        """Keys that are not among the known. Where older matches were cut off, one that is older than everything known has
        only moved up.
        """
        keys, seen = [(row.kind, row.pk) for row in self.rows], set(known)
        places = [place for place, key in enumerate(keys) if key in seen]
        end = places[-1] if self.is_cut and places else len(keys)
        return [key for key in keys[:end] if key not in seen]


def has_unknown_filters(saved: SavedSearch) -> bool:
    """Whether a part of the search is no longer understood, so that it would find too much."""
    query = SearchQuery.parse(saved.querystring)
    return query.to_querystring() != saved.querystring or bool(query.typed.unknown)


def read_recent_matches(query: SearchQuery, person: Person) -> list[RecentMatches]:
    """For products, and for tables. Words are neither corrected nor left out."""
    found = []
    for types in TYPES:
        chosen = tuple(name for name in types if not query.type or name in query.type)
        if chosen:
            narrowed: dict[str, Any] = {"type": chosen, "sort": "newest"}
            rows = list_matches(replace(query, **narrowed), person=person, limit=MAX_MATCHES + 1)
            found.append(RecentMatches(tuple(rows[:MAX_MATCHES]), len(rows) > MAX_MATCHES))
    return found


def read_hits(matches: Iterable[RecentMatches], keys: Iterable[Key], limit: int) -> list[Hit]:
    """Those of the keys that the person still finds, in this order."""
    rows = {(row.kind, row.pk): row for one in matches for row in one.rows}
    return list(build_hits([rows[key] for key in keys if key in rows][:limit], SearchQuery()))
