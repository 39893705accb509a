"""Saved searches that are due, and what their alerts found."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from catalog.search.alerts.matches import Key, has_unknown_filters, read_hits, read_recent_matches
from catalog.search.models import SavedSearch, SavedSearchHit
from catalog.search.query import SearchQuery
from catalog.search.results import Hit
from identity.people.models import Person
from kernel.clock import Now
from kernel.errors import NotFoundError

MAX_SHOWN = 20


@dataclass(frozen=True)
class FoundHit:
    """`is_new`: the person has not opened the search since it was found."""

    hit: Hit
    is_new: bool


def list_due_alerts() -> QuerySet[SavedSearch]:
    return SavedSearch.objects.filter(due_at__lte=Now(), person__is_active=True).order_by("due_at")


def list_saved_searches(person: Person) -> QuerySet[SavedSearch]:
    """By name, each with `new_count`."""
    return SavedSearch.objects.filter(person=person).annotate(new_count=Count("hits", Q(hits__is_new=True)))


def get_saved_search(person: Person, pk: int) -> SavedSearch:
    """With its `new_count`. NotFoundError if there is none, or it is another person's."""
    found = list_saved_searches(person).filter(pk=pk).first()
    if found is None:
        raise NotFoundError
    return found


def list_found_hits(saved: SavedSearch) -> list[FoundHit]:
    """The last ones that its alerts found and that its person still finds, newest first."""
    rows = saved.hits.exclude(found_at=None).order_by("-found_at", "pk")[: 2 * MAX_SHOWN]
    is_new = {(row.kind, row.object_id): row.is_new for row in rows}
    found = _read_visible_hits(saved, list(is_new), MAX_SHOWN)
    return [FoundHit(hit, is_new[hit.kind, hit.pk]) for hit in found]


def list_alert_hits(search_id: int, found_at: datetime, limit: int) -> list[Hit]:
    """Of one alert, what its person still finds; nothing of a search that is deleted."""
    saved = SavedSearch.objects.select_related("person").filter(pk=search_id).first()
    if saved is None:
        return []
    rows = SavedSearchHit.objects.filter(search=saved, found_at=found_at).order_by("pk")
    return _read_visible_hits(saved, [(row.kind, row.object_id) for row in rows], limit)


def mark_hits_opened(saved: SavedSearch) -> None:
    """None is new any more. Reading is no act: it is not in the audit log."""
    saved.hits.filter(is_new=True).update(is_new=False)


def _read_visible_hits(saved: SavedSearch, keys: list[Key], limit: int) -> list[Hit]:
    if not keys or has_unknown_filters(saved):
        return []
    matches = read_recent_matches(SearchQuery.parse(saved.querystring), saved.person)
    return read_hits(matches, keys, limit)
