"""Actions on saved and recent searches."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record_event
from catalog.search.history import MAX_SAVED
from catalog.search.may import may_clear_recent_searches, may_delete_search, may_save_search
from catalog.search.models import RecentSearch, SavedSearch
from catalog.search.query import SearchQuery
from identity.errors import NotFoundError, RefusedError, require_allowed
from identity.people.models import Person

MAX_NAME = 80


def save_search(*, acting_user: Person, name: str, querystring: str, now: datetime) -> SavedSearch:
    """Save a search under a name; a search that the person saved under it before is replaced.

    RefusedError without a name or with too many searches; ForbiddenError. The audit log does not tell the search.
    """
    require_allowed(may_save_search(acting_user))
    cleaned = " ".join(name.replace("\x00", " ").split())
    if not cleaned or len(cleaned) > MAX_NAME:
        raise RefusedError(
            _("Give the search a name of at most %(most)d characters.") % {"most": MAX_NAME}, "name"
        )
    with transaction.atomic(durable=True):
        Person.objects.select_for_update(no_key=True).get(pk=acting_user.pk)
        others = SavedSearch.objects.filter(person=acting_user).exclude(name=cleaned)
        if others.count() >= MAX_SAVED:
            raise RefusedError(_("You have %(most)d saved searches. Delete one first.") % {"most": MAX_SAVED})
        saved, _created = SavedSearch.objects.update_or_create(
            person=acting_user,
            name=cleaned,
            defaults={"querystring": SearchQuery.parse(querystring).to_querystring(), "saved_at": now},
        )
        _record_search("save_search", acting_user, now, search=saved.pk)
    return saved


def delete_search(*, acting_user: Person, search_id: int, now: datetime) -> str:
    """Returns its name. NotFoundError if there is none, or it is another person's."""
    with transaction.atomic(durable=True):
        saved = SavedSearch.objects.select_for_update().filter(pk=search_id).first()
        if saved is None or not may_delete_search(acting_user, saved):
            raise NotFoundError
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
