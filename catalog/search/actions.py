"""Actions on saved and recent searches."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record_event
from catalog.search.alert_schedule import compute_next_check
from catalog.search.history import MAX_SAVED
from catalog.search.may import (
    may_change_search,
    may_clear_recent_searches,
    may_delete_search,
    may_save_search,
)
from catalog.search.models import RecentSearch, SavedSearch
from catalog.search.query import SearchQuery
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed

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
