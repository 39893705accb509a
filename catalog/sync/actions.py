"""Actions on sync runs: request, resume and drop."""

from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.mirror.models import Database
from catalog.sync.may import may_drop_sync, may_request_sync, may_resume_sync
from catalog.sync.models import SyncRun
from identity.accounts import ConnectedCatalog
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError


def request_sync(*, acting_user: Person, catalog_id: int, now: datetime, database: str = "") -> SyncRun:
    """Request a sync run of a catalog, or of one database of it; a run that already waits is returned.

    NotFoundError if there is no such catalog or database, or the person may not request it.
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
            # A page read before this request may be older than what this person wants to see.
            waiting.requested_at = now
            waiting.save(update_fields=["requested_at"])
            return waiting
        run = SyncRun.objects.create(
            catalog=catalog, database=database, requested_by=acting_user, requested_at=now
        )
        _record("request_sync", acting_user, run, now, database=database)
    return run


def request_reading(*, catalog_id: int, database: str, now: datetime) -> None:
    """Have a database read because the engine has changed it in AWS; nothing if a reading of it waits. Called in the
    transaction of what proves the change.
    """
    waiting = SyncRun.objects.filter(catalog=catalog_id, started_at=None, outcome=SyncRun.Outcome.RUNNING)
    if not waiting.filter(database__in=("", database)).exists():
        SyncRun.objects.create(catalog_id=catalog_id, database=database, requested_at=now)


def resume_sync(*, acting_user: Person, run_id: int, now: datetime) -> SyncRun:
    """Let a paused run go on: the catalog is read again, and what then is gone becomes tombstones.

    NotFoundError when no such run waits, or the person may not.
    """
    with transaction.atomic(durable=True):
        paused = _lock_paused_run(run_id)
        if not may_resume_sync(acting_user):
            raise NotFoundError
        _drop_run(paused, f"{acting_user.name} continued the run.")
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
        paused = _lock_paused_run(run_id)
        if not may_drop_sync(acting_user):
            raise NotFoundError
        _drop_run(paused, f"{acting_user.name} cancelled the run.")
        _record("drop_sync", acting_user, paused, now, held=paused.held)
    return paused


def _lock_paused_run(run_id: int) -> SyncRun:
    run = SyncRun.objects.select_for_update().filter(pk=run_id, outcome=SyncRun.Outcome.PAUSED).first()
    if run is None:
        raise NotFoundError
    return run


def _drop_run(run: SyncRun, said: str) -> None:
    run.outcome, run.error = SyncRun.Outcome.DROPPED, said
    run.save(update_fields=["outcome", "error"])


def _record(verb: str, person: Person, run: SyncRun, now: datetime, **data: Any) -> None:
    said = {key: value for key, value in data.items() if value != ""}
    record_by_person(verb, person, f"catalog:{run.catalog_id}", {"run": run.pk, **said}, now)
