"""The verbs of saved and recent searches."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record
from catalog.search.history import MOST_SAVED
from catalog.search.may import may_delete_search, may_forget_searches, may_save_search
from catalog.search.models import RecentSearch, SavedSearch
from catalog.search.query import SearchQuery
from identity.errors import NotFoundError, RefusedError, demand
from identity.people.models import Person

LONGEST_NAME = 80


def save_search(*, acting_user: Person, name: str, querystring: str, now: datetime) -> SavedSearch:
    """Keep a search under a name of the person's own; a name that they used before now means this search.

    RefusedError without a name or with too many; ForbiddenError. What was searched for is not recorded.
    """
    demand(may_save_search(acting_user))
    called = " ".join(name.replace("\x00", " ").split())
    if not called or len(called) > LONGEST_NAME:
        raise RefusedError(
            _("Give the search a name of at most %(most)d characters.") % {"most": LONGEST_NAME}, "name"
        )
    with transaction.atomic(durable=True):
        Person.objects.select_for_update(no_key=True).get(pk=acting_user.pk)
        others = SavedSearch.objects.filter(person=acting_user).exclude(name=called)
        if others.count() >= MOST_SAVED:
            raise RefusedError(
                _("You have %(most)d saved searches. Delete one first.") % {"most": MOST_SAVED}
            )
        kept, _made = SavedSearch.objects.update_or_create(
            person=acting_user,
            name=called,
            defaults={"querystring": SearchQuery.parse(querystring).to_querystring(), "saved_at": now},
        )
        _record_search("save_search", acting_user, now, search=kept.pk)
    return kept


def delete_search(*, acting_user: Person, search_id: int, now: datetime) -> str:
    """Returns its name. NotFoundError when there is none, or it is another's."""
    with transaction.atomic(durable=True):
        kept = SavedSearch.objects.select_for_update().filter(pk=search_id).first()
        if kept is None or not may_delete_search(acting_user, kept):
            raise NotFoundError
        kept.delete()
        _record_search("delete_search", acting_user, now, search=search_id)
    return kept.name


def forget_searches(*, acting_user: Person, now: datetime) -> int:
    """Forget the person's last searches; returns how many. ForbiddenError."""
    demand(may_forget_searches(acting_user))
    with transaction.atomic(durable=True):
        forgotten, _by_model = RecentSearch.objects.filter(person=acting_user).delete()
        _record_search("forget_searches", acting_user, now, forgotten=forgotten)
    return forgotten


def _record_search(verb: str, person: Person, now: datetime, **data: int) -> None:
    actor = f"person:{person.pk}"
    record(verb=verb, actor=actor, subject=actor, data=dict(data), now=now)
