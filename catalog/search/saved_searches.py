"""Actions on saved and recent searches."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record_event
from catalog.search.models import RecentSearch, SavedSearch
from catalog.search.query import SearchQuery
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.sql import prepared_cursor
from kernel.verdicts import ALLOWED, Verdict, refusal


def may_save_search(person: Person) -> Verdict:
    """Everyone with an active profile."""
    return ALLOWED if person.is_active else refusal("Your profile is deactivated.")


def may_delete_search(person: Person, saved: SavedSearch) -> Verdict:
    """The person who saved it."""
    return ALLOWED if saved.person_id == person.pk else refusal("This search belongs to someone else.")


def may_change_search(person: Person, saved: SavedSearch) -> Verdict:
    """The person who saved it."""
    return may_delete_search(person, saved)


def may_clear_recent_searches(person: Person) -> Verdict:
    """Everyone may delete their own."""
    return may_save_search(person)


MONDAY = 0
WEEK = timedelta(days=7)


def compute_next_check(alert: str, now: datetime) -> datetime | None:
    """Daily and weekly alerts come at the hour of digests, weekly ones on Mondays; None without an alert."""
    if alert == SavedSearch.Alert.NONE:
        return None
    if alert == SavedSearch.Alert.AT_ONCE:
        return now + timedelta(seconds=settings.SEARCH_ALERT_EVERY)
    today = datetime.combine(now.date(), time(settings.DIGEST_HOUR), tzinfo=now.tzinfo)
    if alert == SavedSearch.Alert.DAILY:
        return today if today > now else today + timedelta(days=1)
    monday = today + timedelta(days=(MONDAY - now.weekday()) % 7)
    return monday if monday > now else monday + WEEK


MAX_RECENT = 10
MAX_SAVED = 100
TYPING = 60
"""Seconds within which a search whose text continues the last one replaces it."""

_RECORD = f"""
WITH recorded AS (
  INSERT INTO catalog_recentsearch AS earlier (person_id, querystring, text, created_at, found_nothing)
  VALUES (%(person)s, %(querystring)s, %(text)s, meshmarket_now(), %(found_nothing)s)
  ON CONFLICT (person_id, querystring) DO UPDATE SET created_at = excluded.created_at,
    found_nothing = excluded.found_nothing
      AND (earlier.found_nothing OR earlier.created_at::date <> excluded.created_at::date)
)
DELETE FROM catalog_recentsearch old WHERE old.person_id = %(person)s AND old.querystring <> %(querystring)s AND (
  (old.created_at > meshmarket_now() - interval '{TYPING} s'
    AND (starts_with(%(text)s, old.text) OR starts_with(old.text, %(text)s)))
  OR old.id IN (SELECT id FROM catalog_recentsearch WHERE person_id = %(person)s AND querystring <> %(querystring)s
    ORDER BY created_at DESC, id DESC OFFSET {MAX_RECENT - 1}))"""  # noqa: S608

_SAVED_NAME = (
    "SELECT name FROM catalog_savedsearch WHERE person_id = %s AND querystring = %s ORDER BY name LIMIT 1"
)


@dataclass(frozen=True)
class SearchHistory:
    """`recent` is newest first, `saved` by name."""

    recent: tuple[RecentSearch, ...]
    saved: tuple[SavedSearch, ...]


def record_search(person: Person, query: SearchQuery, *, found: int) -> None:
    """Stores a search with a text as the person's last one. Searches by facets alone are not stored. One that found nothing
    is counted by the worker, once a day for each person: see `catalog.mesh.models`.
    """
    if not query.text:
        return
    parameters: dict[str, int | str | bool] = {
        "person": person.pk,
        "querystring": query.to_querystring(),
        "text": query.text,
        "found_nothing": found == 0,
    }
    with prepared_cursor() as cursor:
        cursor.execute(_RECORD, parameters)


def search_history(person: Person) -> SearchHistory:
    return SearchHistory(
        recent=tuple(RecentSearch.objects.filter(person=person)[:MAX_RECENT]),
        saved=tuple(SavedSearch.objects.filter(person=person)),
    )


def build_saved_name(person: Person, querystring: str) -> str:
    """The name under which the person saved this search; empty if they did not."""
    with prepared_cursor() as cursor:
        cursor.execute(_SAVED_NAME, [person.pk, querystring])
        found = cursor.fetchone()
    return found[0] if found else ""


MAX_NAME = 80


def save_search(
    *,
    acting_user: Person,
    name: str,
    querystring: str,
    now: datetime,
    alert: SavedSearch.Alert = SavedSearch.Alert.NONE,
) -> SavedSearch:
    """Save a search under a name; a search that the person saved under it before is replaced.

    RefusedError without a name or with too many searches; ForbiddenError. The audit log does not tell the search.
    """
    require_allowed(may_save_search(acting_user))
    cleaned = _clean_name(name)
    with transaction.atomic(durable=True):
        Person.objects.select_for_update(no_key=True).get(pk=acting_user.pk)
        own = SavedSearch.objects.filter(person=acting_user)
        if own.exclude(name=cleaned).count() >= MAX_SAVED:
            raise RefusedError(_("You have %(most)d saved searches. Delete one first.") % {"most": MAX_SAVED})
        saved = own.select_for_update().filter(name=cleaned).first() or SavedSearch(
            person=acting_user, name=cleaned
        )
        saved.saved_at = now
        _write_search(saved, querystring, alert, now)
        _record_search("save_search", acting_user, now, search=saved.pk)
    return saved


def change_search(
    *,
    acting_user: Person,
    search_id: int,
    now: datetime,
    name: str | None = None,
    querystring: str | None = None,
    alert: SavedSearch.Alert | None = None,
) -> SavedSearch:
    """Change its name, its search or its alert; what is None stays.

    NotFoundError if there is none, or it is another person's. RefusedError for a name that another search has.
    """
    with transaction.atomic(durable=True):
        Person.objects.select_for_update(no_key=True).get(pk=acting_user.pk)
        saved = SavedSearch.objects.select_for_update().filter(pk=search_id).first()
        if saved is None or not may_change_search(acting_user, saved):
            raise NotFoundError
        saved.name = saved.name if name is None else _clean_name(name)
        if SavedSearch.objects.filter(person=acting_user, name=saved.name).exclude(pk=saved.pk).exists():
            raise RefusedError(_("You have another saved search with this name."), "name")
        chosen = SavedSearch.Alert(saved.alert) if alert is None else alert
        _write_search(saved, saved.querystring if querystring is None else querystring, chosen, now)
        _record_search("change_search", acting_user, now, search=saved.pk)
    return saved


def _clean_name(name: str) -> str:
    cleaned = " ".join(name.replace("\x00", " ").split())
    if not cleaned or len(cleaned) > MAX_NAME:
        raise RefusedError(
            _("Give the search a name of at most %(most)d characters.") % {"most": MAX_NAME}, "name"
        )
    return cleaned


def _write_search(saved: SavedSearch, querystring: str, alert: SavedSearch.Alert, now: datetime) -> None:
    """A new alert, and one on a changed search, begins with what there is now."""
    cleaned = SearchQuery.parse(querystring).to_querystring()
    begins = cleaned != saved.querystring or saved.alert == SavedSearch.Alert.NONE
    if alert != saved.alert or begins:
        saved.due_at = now if begins and alert != SavedSearch.Alert.NONE else compute_next_check(alert, now)
    if begins or alert == SavedSearch.Alert.NONE:
        saved.checked_at, saved.compared_state = None, ""
    saved.querystring, saved.alert = cleaned, alert
    saved.save()
    if saved.checked_at is None:
        saved.hits.all().delete()


def delete_search(*, acting_user: Person, search_id: int, now: datetime) -> str:
    """Returns its name. NotFoundError if there is none, or it is another person's."""
    with transaction.atomic(durable=True):
        saved = SavedSearch.objects.select_for_update().filter(pk=search_id).first()
        if saved is None or not may_delete_search(acting_user, saved):
            raise NotFoundError
        saved.hits.all().delete()
        saved.delete()
        _record_search("delete_search", acting_user, now, search=search_id)
    return saved.name


def clear_recent_searches(*, acting_user: Person, now: datetime) -> int:
    """Returns how many were deleted. ForbiddenError."""
    require_allowed(may_clear_recent_searches(acting_user))
    with transaction.atomic(durable=True):
        deleted, _by_model = RecentSearch.objects.filter(person=acting_user).delete()
        _record_search("clear_recent_searches", acting_user, now, deleted=deleted)
    return deleted


def _record_search(verb: str, person: Person, now: datetime, **data: int) -> None:
    actor = f"person:{person.pk}"
    record_event(verb=verb, actor=actor, subject=actor, data=dict(data), now=now)
