"""What people may do to the catalog."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record
from catalog.may import (
    may_delete_search,
    may_drop_sync,
    may_forget_searches,
    may_request_sync,
    may_resume_sync,
    may_save_search,
)
from catalog.models import Database, SyncRun
from catalog.query import SearchQuery
from catalog.recalling import MOST_SAVED
from catalog.searches import RecentSearch, SavedSearch
from identity.accounts.models import ConnectedCatalog
from identity.errors import NotFoundError, RefusedError, demand
from identity.people.models import Person

LONGEST_NAME = 80


def request_sync(*, acting_user: Person, catalog_id: int, now: datetime, database: str = "") -> SyncRun:
    """Ask the workers to read a catalog, or one database of it; a run that already waits is returned, as asked for now.

    NotFoundError when there is no such catalog or database, or the person may not ask.
    """
    with transaction.atomic(durable=True):
        catalog = ConnectedCatalog.objects.select_for_update().filter(pk=catalog_id).first()
        if catalog is None or not may_request_sync(acting_user):
            raise NotFoundError
        known = Database.objects.filter(catalog=catalog, name=database, tombstoned_at=None)
        if database and not known.exists():
            raise NotFoundError
        waiting = SyncRun.objects.filter(
            catalog=catalog, database=database, started_at=None, outcome=SyncRun.Outcome.RUNNING
        ).first()
        if waiting:
            # What was read for others between the first ask and this one is not what this person wants.
            waiting.requested_at = now
            waiting.save(update_fields=["requested_at"])
            return waiting
        run = SyncRun.objects.create(
            catalog=catalog, database=database, requested_by=acting_user, requested_at=now
        )
        _record("request_sync", acting_user, run, now, database=database)
    return run


def resume_sync(*, acting_user: Person, run_id: int, now: datetime) -> SyncRun:
    """Let a paused run go on: the catalog is read again, and what then is gone becomes tombstones.

    NotFoundError when no such run waits, or the person may not.
    """
    with transaction.atomic(durable=True):
        paused = _paused(run_id)
        if not may_resume_sync(acting_user):
            raise NotFoundError
        _close(paused, f"{acting_user.name} let it go on.")
        run = SyncRun.objects.create(
            catalog=paused.catalog,
            database=paused.database,
            may_tombstone=True,
            requested_by=acting_user,
            requested_at=now,
        )
        _record("resume_sync", acting_user, run, now, paused=paused.pk, held=paused.held)
    return run


def drop_sync(*, acting_user: Person, run_id: int, now: datetime) -> SyncRun:
    """Leave the mirror as it is; the next reading that finds the same pauses again.

    NotFoundError when no such run waits, or the person may not.
    """
    with transaction.atomic(durable=True):
        paused = _paused(run_id)
        if not may_drop_sync(acting_user):
            raise NotFoundError
        _close(paused, f"{acting_user.name} dropped it.")
        _record("drop_sync", acting_user, paused, now, held=paused.held)
    return paused


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
            raise RefusedError(_("You saved %(most)d searches. Delete one first.") % {"most": MOST_SAVED})
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


def _paused(run_id: int) -> SyncRun:
    run = SyncRun.objects.select_for_update().filter(pk=run_id, outcome=SyncRun.Outcome.PAUSED).first()
    if run is None:
        raise NotFoundError
    return run


def _close(run: SyncRun, said: str) -> None:
    run.outcome, run.error = SyncRun.Outcome.DROPPED, said
    run.save(update_fields=["outcome", "error"])


def _record(verb: str, person: Person, run: SyncRun, now: datetime, **data: Any) -> None:
    said = {key: value for key, value in data.items() if value != ""}
    record(
        verb=verb,
        actor=f"person:{person.pk}",
        subject=f"catalog:{run.catalog_id}",
        data={"run": run.pk, **said},
        now=now,
    )
