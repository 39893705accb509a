"""Alerts of saved searches: what is new since a person was last told."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from audit.actions import record_event
from catalog.products.may import read_search_state
from catalog.search.models import SavedSearch, SavedSearchHit
from catalog.search.plans.matches import MatchedRow
from catalog.search.query import SearchQuery
from catalog.search.results import Hit, build_hits
from catalog.search.saved_searches import compute_next_check
from catalog.search.search import list_matches
from identity.people.may import get_team_ids
from identity.people.models import Person
from kernel.clock import Now
from kernel.errors import NotFoundError
from kernel.verdicts import ALLOWED, Verdict, refusal

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
    matches = []
    for types in TYPES:
        chosen = tuple(name for name in types if not query.type or name in query.type)
        if chosen:
            narrowed: dict[str, Any] = {"type": chosen, "sort": "newest"}
            rows = list_matches(replace(query, **narrowed), person=person, limit=MAX_MATCHES + 1)
            matches.append(RecentMatches(tuple(rows[:MAX_MATCHES]), len(rows) > MAX_MATCHES))
    return matches


def read_hits(matches: Iterable[RecentMatches], keys: Iterable[Key], limit: int) -> list[Hit]:
    """The hits of the keys that the person still finds, in this order."""
    rows = {(row.kind, row.pk): row for match in matches for row in match.rows}
    return list(build_hits([rows[key] for key in keys if key in rows][:limit], SearchQuery()))


def may_check_alert(saved: SavedSearch, now: datetime) -> Verdict:
    """When it is due, and its person can still sign in."""
    if saved.due_at is None or saved.due_at > now:
        return refusal("It is not due.")
    return ALLOWED if saved.person.is_active else refusal("The person's profile is deactivated.")


MAX_KNOWN = 3000
"""Hits of one search that are remembered."""
ACTOR = "engine:search-alerts"


def check_alert(*, search_id: int, now: datetime) -> bool:
    """Tell the person what is new since the last comparison; False if the search is not due.

    The first comparison only remembers what there is. Nothing is told twice: the event, the hits and the next due time are
    written together, under the search's lock, and only if it was not changed meanwhile.
    """
    search = SavedSearch.objects.select_related("person").filter(pk=search_id).first()
    if search is None or not may_check_alert(search, now):
        return False
    is_broken, state = has_unknown_filters(search), _compute_state(search)
    is_same = bool(search.compared_state) and search.compared_state == state
    query = SearchQuery.parse(search.querystring)
    matches = [] if is_broken or is_same else read_recent_matches(query, search.person)
    with transaction.atomic(durable=True):
        saved = SavedSearch.objects.select_for_update().filter(pk=search_id, due_at=search.due_at).first()
        if saved is None or (saved.querystring, saved.alert) != (search.querystring, search.alert):
            return False
        if is_broken:
            # It would find too much: the alert is turned off, and the person is told.
            saved.alert, saved.due_at = SavedSearch.Alert.NONE, None
            saved.save(update_fields=["alert", "due_at"])
            _record(saved, "stop_search_alert", 0, now)
            return True
        if not is_same:
            known = set(saved.hits.values_list("kind", "object_id"))
            is_first = saved.checked_at is None
            new = [key for match in matches for key in match.find_new(known)]
            _forget_lost(saved, matches)
            current = {(row.kind, row.pk) for match in matches for row in match.rows}
            _store_state(saved, sorted(current - known - set(new)), None)
            _store_state(saved, new, None if is_first else now)
            if new and not is_first:
                _record(saved, "find_search_results", len(new), now)
            kept = saved.hits.order_by("-pk").values("pk")[:MAX_KNOWN]
            saved.hits.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
        saved.due_at, saved.checked_at, saved.compared_state = (
            compute_next_check(saved.alert, now),
            now,
            state,
        )
        saved.save(update_fields=["due_at", "checked_at", "compared_state"])
    return True


def _compute_state(saved: SavedSearch) -> str:
    """A digest of all that the result depends on; the same state finds the same."""
    teams = sorted(get_team_ids(saved.person))
    values = (saved.querystring, teams, *read_search_state(saved.person))
    return hashlib.sha256(repr(values).encode()).hexdigest()


def _store_state(saved: SavedSearch, keys: Sequence[Key], found_at: datetime | None) -> None:
    SavedSearchHit.objects.bulk_create(
        [
            SavedSearchHit(
                search=saved, kind=kind, object_id=pk, found_at=found_at, is_new=found_at is not None
            )
            for kind, pk in keys
        ],
        ignore_conflicts=True,
    )


def _forget_lost(saved: SavedSearch, matches: Sequence[RecentMatches]) -> None:
    """What the person no longer finds does not count as new."""
    if any(match.is_cut for match in matches):
        return
    current = {(row.kind, row.pk) for match in matches for row in match.rows}
    new = saved.hits.filter(is_new=True)
    lost = [pk for pk, *key in new.values_list("pk", "kind", "object_id") if tuple(key) not in current]
    saved.hits.filter(pk__in=lost).update(is_new=False)


def _record(saved: SavedSearch, verb: str, count: int, now: datetime) -> None:
    """Persons' searches are their own: the event has neither the name nor the hits."""
    data = {"people": [saved.person_id], "count": count}
    record_event(verb=verb, actor=ACTOR, subject=f"saved_search:{saved.pk}", data=data, now=now)


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
    search = list_saved_searches(person).filter(pk=pk).first()
    if search is None:
        raise NotFoundError
    return search


def list_found_hits(saved: SavedSearch) -> list[FoundHit]:
    """The last ones that its alerts found and that its person still finds, newest first."""
    rows = saved.hits.exclude(found_at=None).order_by("-found_at", "pk")[: 2 * MAX_SHOWN]
    is_new = {(row.kind, row.object_id): row.is_new for row in rows}
    hits = _read_visible_hits(saved, list(is_new), MAX_SHOWN)
    return [FoundHit(hit, is_new[hit.kind, hit.pk]) for hit in hits]


def list_alert_hits(search_id: int, found_at: datetime, limit: int) -> list[Hit]:
    """What the person of an alert still finds of it; nothing of a search that is deleted."""
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
