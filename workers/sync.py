"""Read connected catalogs into the mirror: databases, tables, LF-Tags, and the roles of all accounts.

The reading is never trusted by halves: tables of a database are stored when all their pages were read, and
nothing is tombstoned but by a complete list. A reading that fails leaves what stood there before.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from audit.clock import now as database_now
from catalog import index, mirror, snapshot, vocabulary
from catalog.mirror import Changes
from catalog.models import SyncRun
from identity.models import Account, ConnectedCatalog
from workers.aws import glue, lakeformation_tags
from workers.aws.errors import AwsError
from workers.aws.sessions import client, forget
from workers.principals import sync_principals

SYNC_LOCK = 5_207_115
SESSION = "meshmarket-sync"


def sync_catalog(target: ConnectedCatalog | SyncRun) -> SyncRun:
    """Sync one catalog, for a run that was asked for or for a new one; returns the finished run.

    Never raises AwsError: the run then says `failed`, and why. Two syncs of a catalog go one after the other.
    """
    run = target if isinstance(target, SyncRun) else _request(target)
    run = run if run.started_at else _start(run)
    with _alone(run.catalog):
        _close_abandoned(run)
        try:
            _read(run)
        except AwsError as error:
            forget(error)
            return _finish(run, SyncRun.Outcome.FAILED, f"The catalog could not be read: {error}")
        refused = _read_principals(run)
        index.index_products()
        if run.changed or run.tombstoned:
            vocabulary.count_words()
    return _finish(run, SyncRun.Outcome.FAILED if refused else SyncRun.Outcome.DONE, "\n".join(refused))


def pick_requested_sync() -> SyncRun | None:
    """The oldest run that waits, now started by us; None when none waits or others hold them all."""
    with transaction.atomic():
        waiting = SyncRun.objects.filter(started_at=None, outcome=SyncRun.Outcome.RUNNING)
        run = waiting.select_for_update(skip_locked=True, of=("self",)).order_by("pk").first()
        return _start(run) if run else None


def request_due_syncs() -> int:
    """Ask for a sync of every catalog that was not read for `SYNC_EVERY` seconds; returns how many."""
    due_before = database_now() - timedelta(seconds=settings.SYNC_EVERY)
    fresh = SyncRun.objects.filter(requested_at__gt=due_before).values("catalog")
    waiting = SyncRun.objects.filter(started_at=None).values("catalog")
    due = ConnectedCatalog.objects.exclude(pk__in=fresh).exclude(pk__in=waiting)
    return len([_request(catalog) for catalog in due])


def sync_requested() -> list[SyncRun]:
    """Work through the runs that people or the schedule asked for."""
    done = []
    while run := pick_requested_sync():
        done.append(sync_catalog(run))
    return done


def sync_due() -> list[SyncRun]:
    """What the schedule calls: ask for what is due, then work through all that waits."""
    request_due_syncs()
    return sync_requested()


def _request(catalog: ConnectedCatalog) -> SyncRun:
    return SyncRun.objects.create(catalog=catalog, requested_at=database_now())


def _start(run: SyncRun) -> SyncRun:
    run.started_at = database_now()
    run.save(update_fields=["started_at"])
    return run


def _finish(run: SyncRun, outcome: SyncRun.Outcome, error: str) -> SyncRun:
    run.outcome, run.error, run.finished_at = outcome, error, database_now()
    run.save()
    return run


@contextmanager
def _alone(catalog: ConnectedCatalog) -> Iterator[None]:
    """Wait until no other process syncs this catalog; the lock goes with the session if we are killed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [SYNC_LOCK, catalog.pk])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [SYNC_LOCK, catalog.pk])


def _close_abandoned(run: SyncRun) -> None:
    # We hold the lock: an earlier run that never finished has lost its process.
    earlier = SyncRun.objects.filter(catalog=run.catalog, pk__lt=run.pk, started_at__isnull=False)
    earlier.filter(outcome=SyncRun.Outcome.RUNNING, started_at__lt=run.started_at).update(
        outcome=SyncRun.Outcome.FAILED, finished_at=database_now(), error="The worker stopped on the way."
    )


def _read(run: SyncRun) -> None:
    catalog, now, changes = run.catalog, database_now(), Changes()
    glue_client, tag_client = _client(catalog, "glue"), _client(catalog, "lakeformation")
    catalog_id = ":".join(filter(None, [catalog.account.account_id, catalog.path]))
    tags = lakeformation_tags.read_assignments(tag_client, catalog_id)
    databases = [
        snapshot.database_snapshot(answer, tags.of_database(answer["Name"]))
        for page in glue.database_pages(glue_client, catalog_id)
        for answer in page
        if not snapshot.is_resource_link(answer)
    ]
    for database in databases:
        tables = [
            snapshot.table_snapshot(
                answer, database_tags=database.tags, tags=tags.of_table(database.name, answer["Name"])
            )
            for page in glue.table_pages(glue_client, catalog_id, database.name)
            for answer in page
            if not snapshot.is_resource_link(answer)
        ]
        changes.changed += mirror.store_database(catalog, database, now)
        changes.add(mirror.store_tables(catalog, database.name, tables, now))
        run.databases, run.tables = run.databases + 1, run.tables + len(tables)
        run.changed, run.tombstoned = changes.changed, changes.tombstoned
    run.tombstoned += mirror.tombstone_databases(catalog, [database.name for database in databases], now)


def _read_principals(run: SyncRun) -> list[str]:
    """Read the roles of every account; returns a sentence for each account that refused."""
    refused, now = [], database_now()
    for account in Account.objects.order_by("pk"):
        try:
            run.principals += sync_principals(account, account.region, now)
        except AwsError as error:
            forget(error)
            refused.append(f"The roles of {account} could not be read: {error}")
    return refused


def _client(catalog: ConnectedCatalog, service: str) -> Any:
    return client(
        service, account=catalog.account, role="observer", region=catalog.region, session_name=SESSION
    )
