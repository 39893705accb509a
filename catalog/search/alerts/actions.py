"""Compare a saved search with what its person was told."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from audit.actions import record_event
from catalog.products.audience import read_search_state
from catalog.search.alert_schedule import compute_next_check
from catalog.search.alerts.matches import (
    Key,
    RecentMatches,
    has_unknown_filters,
    read_recent_matches,
)
from catalog.search.alerts.may import may_check_alert
from catalog.search.models import SavedSearch, SavedSearchHit
from catalog.search.query import SearchQuery
from identity.people.may import get_team_ids

MAX_KNOWN = 3000
"""Hits of one search that are remembered."""
ACTOR = "engine:search-alerts"


def check_alert(*, search_id: int, now: datetime) -> bool:
    """Tell the person what is new since the last comparison; False if the search is not due.

    The first comparison only remembers what there is. Nothing is told twice: the event, the hits and the next due time are
    written together, under the search's lock, and only if it was not changed meanwhile.
    """
    seen = SavedSearch.objects.select_related("person").filter(pk=search_id).first()
    if seen is None or not may_check_alert(seen, now):
        return False
    is_broken, state = has_unknown_filters(seen), _compute_state(seen)
    is_same = bool(seen.compared_state) and seen.compared_state == state
    query = SearchQuery.parse(seen.querystring)
    matches = [] if is_broken or is_same else read_recent_matches(query, seen.person)
    with transaction.atomic(durable=True):
        saved = SavedSearch.objects.select_for_update().filter(pk=search_id, due_at=seen.due_at).first()
        if saved is None or (saved.querystring, saved.alert) != (seen.querystring, seen.alert):
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
            new = [key for one in matches for key in one.find_new(known)]
            _forget_lost(saved, matches)
            current = {(row.kind, row.pk) for one in matches for row in one.rows}
            _remember(saved, sorted(current - known - set(new)), None)
            _remember(saved, new, None if is_first else now)
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
    """Of all that the result depends on; the same state finds the same."""
    teams = sorted(get_team_ids(saved.person))
    values = (saved.querystring, teams, *read_search_state(saved.person))
    return hashlib.sha256(repr(values).encode()).hexdigest()


def _remember(saved: SavedSearch, keys: Sequence[Key], found_at: datetime | None) -> None:
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
    if any(one.is_cut for one in matches):
        return
    current = {(row.kind, row.pk) for one in matches for row in one.rows}
    new = saved.hits.filter(is_new=True)
    lost = [pk for pk, *key in new.values_list("pk", "kind", "object_id") if tuple(key) not in current]
    saved.hits.filter(pk__in=lost).update(is_new=False)


def _record(saved: SavedSearch, verb: str, count: int, now: datetime) -> None:
    """Persons' searches are their own: the event has neither the name nor the hits."""
    data = {"people": [saved.person_id], "count": count}
    record_event(verb=verb, actor=ACTOR, subject=f"saved_search:{saved.pk}", data=data, now=now)
