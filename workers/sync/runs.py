"""Runs syncs of connected catalogs, requested by rows, one at a time for each catalog.

The sync itself is in `workers.sync.reading`; IAM roles of all accounts are read with it.
"""

import gc
import logging
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Q, QuerySet

from background.tasks import ErrorCollector, StopSignal, is_transient_error
from catalog.change_versions import merge_change_marks
from catalog.crawler_runs import CrawlerReading, store_crawlers
from catalog.mirror.columns import list_due_tables, parse_column_statistics, store_statistics
from catalog.mirror.models import Table
from catalog.search.completion import refresh_prefix_cache
from catalog.search.index import vocabulary
from catalog.search.index.indexing import fold_counts, index_products_of_tables
from catalog.search.index.models import LexemeChange
from catalog.sync.models import SyncRun
from identity.accounts import Account, ConnectedCatalog
from kernel.advisory_locks import AdvisoryLock, hold_session_lock, try_session_lock, try_transaction_lock
from kernel.clock import Now
from kernel.clock import now as database_now
from workers.accounts.principals import sync_principals
from workers.aws import calls, reads
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.glue import iterate_crawler_pages
from workers.aws.sessions import drop_ended_sessions, get_client
from workers.recorded_requests import find_refusal
from workers.stop import STOP
from workers.sync.reading import SESSION_NAME, CatalogSync

MAX_TABLES = 200
PAUSE = 0.05
OPERATION = "GetColumnStatisticsForTable"
logger = logging.getLogger(__name__)
COLLECTION_THRESHOLD = 100_000
_settings_lock = threading.Lock()
_saved_settings: list[tuple[tuple[int, int, int], float]] = []
"""The interpreter's settings before the first sync, once for each running sync."""
WORKER_STOPPED = "The worker stopped during the run."
REPAIR_COUNTS_EVERY = 86_400.0
"""Seconds after which a changed catalog's words are all counted again, although each change was counted."""
SWITCH_INTERVAL = 0.001
"""Thread switch interval in seconds during a sync; Python's default is 0.005."""


def sync_catalog(target: ConnectedCatalog | SyncRun, stop: StopSignal = STOP) -> SyncRun:
    """Sync one catalog, for a run that was asked for or for a new one; returns the finished run.

    Never raises AwsError: the run then says `failed`, and why; so it does when an unexpected exception is raised on.
    Two syncs of a catalog go one after the other. After `stop` the run is left as it is: whoever syncs next closes it and
    reads anew.
    """
    run = target if isinstance(target, SyncRun) else _create_started_run(target, database_now())
    run = run if run.started_at else _start(run)
    with hold_session_lock(AdvisoryLock.CATALOG_SYNC, run.catalog.pk):
        return _sync_locked_catalog(run, stop)


class CatalogBusyError(Exception):
    """The catalog is being read. The run must wait."""


def run_requested_sync(run_id: int, stop: StopSignal = STOP) -> SyncRun | None:
    """Run a requested sync; None if the run has ended. CatalogBusyError if its catalog is being read.

    A run whose worker is gone is failed and requested again.
    """
    run = SyncRun.objects.select_related("catalog__account").get(pk=run_id)
    with try_session_lock(AdvisoryLock.CATALOG_SYNC, run.catalog_id) as is_ours:
        if not is_ours:
            raise CatalogBusyError
        run.refresh_from_db()
        if run.outcome != SyncRun.Outcome.RUNNING:
            return None
        if reason := find_refusal(run, database_now()):
            _finish(run, SyncRun.Outcome.FAILED, reason)
            return None
        if run.started_at:
            # In nobody's name, as the event of who requested it names the first run.
            SyncRun.objects.create(
                catalog=run.catalog,
                database=run.database,
                may_tombstone=run.may_tombstone,
                requested_at=database_now(),
            )
            _finish(run, SyncRun.Outcome.FAILED, WORKER_STOPPED)
            return None
        return _sync_locked_catalog(_start(run), stop)


def _sync_locked_catalog(run: SyncRun, stop: StopSignal) -> SyncRun:
    # We hold the lock: an earlier run that never finished has lost its process.
    earlier = SyncRun.objects.filter(catalog=run.catalog, pk__lt=run.pk, started_at__isnull=False)
    earlier.filter(outcome=SyncRun.Outcome.RUNNING, started_at__lt=run.started_at).update(
        outcome=SyncRun.Outcome.FAILED, finished_at=database_now(), error=WORKER_STOPPED
    )
    try:
        return _run_sync(run, stop)
    except Exception as error:
        if not is_transient_error(error):
            reason = f"The sync run failed with an unexpected {type(error).__name__}: see the workers' log."
            _finish(run, SyncRun.Outcome.FAILED, reason)
        raise


def _run_sync(run: SyncRun, stop: StopSignal) -> SyncRun:
    try:
        with tuned_for_pages():
            reading = CatalogSync(run, stop)
            reading.read()
    except AwsError as error:
        drop_ended_sessions(error)
        return _finish(run, SyncRun.Outcome.FAILED, f"The catalog could not be read: {error}")
    if stop.is_set():
        return run
    refused = [*_describe_unread(reading), *([] if run.database else _read_principals(run))]
    index_products_of_tables(reading.touched)
    if reading.touched:
        fold_counts()
    if not run.database:
        read_statistics(run.catalog, stop, SESSION_NAME)
        _read_crawlers(run.catalog, stop, SESSION_NAME)
    if refused:
        outcome = SyncRun.Outcome.FAILED
    else:
        outcome = SyncRun.Outcome.PAUSED if run.held else SyncRun.Outcome.DONE
    return _finish(run, outcome, "\n".join(refused))


def sync_catalogs(catalogs: Iterable[ConnectedCatalog]) -> list[SyncRun]:
    """Sync each catalog. All runs have one request time, so that roles are read once."""
    asked = database_now()
    return [sync_catalog(_create_started_run(catalog, asked)) for catalog in catalogs]


def _describe_unread(reading: CatalogSync) -> list[str]:
    """A sentence about the databases that could not be read."""
    first = reading.run.problems.order_by("pk").first()
    if first is None:
        return []
    if len(reading.failed) == reading.run.databases:
        return [f"The catalog could not be read: {first.error}"]
    return [f"{len(reading.failed)} of {reading.run.databases} databases could not be read."]


def request_due_syncs() -> int:
    """Ask for a sync of every catalog that was not read for `SYNC_EVERY` seconds; returns how many."""
    with transaction.atomic():
        if not try_transaction_lock(AdvisoryLock.SYNC_REQUESTS):
            return 0
        return len(
            [
                SyncRun.objects.create(catalog=catalog, requested_at=database_now())
                for catalog in list_catalogs_to_sync()
            ]
        )


def list_catalogs_to_sync() -> QuerySet[ConnectedCatalog]:
    """Catalogs that were not read as a whole for `SYNC_EVERY` seconds, and of which no such reading is requested."""
    lately = Now() - timedelta(seconds=settings.SYNC_EVERY)
    whole = SyncRun.objects.filter(database="")
    fresh = whole.filter(requested_at__gt=lately).values("catalog")
    waiting = whole.filter(started_at=None).values("catalog")
    return ConnectedCatalog.objects.exclude(pk__in=fresh).exclude(pk__in=waiting)


def update_search() -> None:
    """Update word counts, search completions and change marks after syncs and other changes."""
    faults = ErrorCollector()
    with faults.collect("the counting of words"):
        update_word_counts()
    with faults.collect("the prefix cache of the search"):
        refresh_prefix_cache(all_prefixes=False)
    with faults.collect("the folding of alterations"):
        merge_change_marks()
    faults.raise_first()


def list_runs_to_count() -> QuerySet[SyncRun]:
    """The last run that changed something, if all words must be counted and were not lately."""
    changed = SyncRun.objects.exclude(changed=0, tombstoned=0).filter(finished_at__isnull=False)
    last = changed.order_by("-pk").values("pk")[:1]
    is_wanted = Exists(LexemeChange.objects.filter(lexeme="")) & ~_counted_within(settings.COUNT_WORDS_EVERY)
    is_repair_due = Q(words_counted_at=None) & ~_counted_within(REPAIR_COUNTS_EVERY)
    return SyncRun.objects.filter(Q(is_wanted) | is_repair_due, pk__in=last)


def _counted_within(seconds: float) -> Exists:
    return Exists(SyncRun.objects.filter(words_counted_at__gt=Now() - timedelta(seconds=seconds)))


def update_word_counts() -> None:
    """Count all words if that is due, else fold what statements changed in their counts.

    Counting reads every vector: minutes for a million tables.
    """
    last = list_runs_to_count().first()
    if last is None:
        vocabulary.fold_word_counts()
        return
    vocabulary.count_words()
    refresh_prefix_cache(all_prefixes=True)
    SyncRun.objects.filter(pk=last.pk).update(words_counted_at=database_now())


def _create_started_run(catalog: ConnectedCatalog, asked: datetime) -> SyncRun:
    """Create a run that is started already, so that no other worker picks it."""
    return SyncRun.objects.create(catalog=catalog, requested_at=asked, started_at=database_now())


def _start(run: SyncRun) -> SyncRun:
    run.started_at = database_now()
    run.save(update_fields=["started_at"])
    return run


def _finish(run: SyncRun, outcome: SyncRun.Outcome, error: str) -> SyncRun:
    run.outcome, run.error, run.finished_at = outcome, error, database_now()
    run.save()
    paused = SyncRun.objects.filter(catalog=run.catalog, database=run.database, pk__lt=run.pk)
    if outcome in {SyncRun.Outcome.DONE, SyncRun.Outcome.PAUSED}:
        said = {"outcome": SyncRun.Outcome.DROPPED, "error": "A later sync run replaced it."}
        paused.filter(outcome=SyncRun.Outcome.PAUSED).update(**said)
    return run


@contextmanager
def tuned_for_pages() -> Iterator[None]:
    """Pages are trees, freed without a collector: its looking through them was a quarter of a reading's time. Whoever
    writes speaks to PostgreSQL in many short statements, and waits after each for threads that compare pages. The last
    reading of several leaves the interpreter as the first one found it.
    """
    with _settings_lock:
        _saved_settings.append(
            _saved_settings[0] if _saved_settings else (gc.get_threshold(), sys.getswitchinterval())
        )
        gc.set_threshold(COLLECTION_THRESHOLD, *gc.get_threshold()[1:])
        sys.setswitchinterval(SWITCH_INTERVAL)
    try:
        yield
    finally:
        with _settings_lock:
            usual, switching = _saved_settings.pop()
            if not _saved_settings:
                gc.set_threshold(*usual)
                sys.setswitchinterval(switching)


def _read_principals(run: SyncRun) -> list[str]:
    """Read the roles and users of every account, unless another run did since this one was asked for; returns a sentence for
    each account that refused.
    """
    complete = SyncRun.objects.filter(outcome__in=[SyncRun.Outcome.DONE, SyncRun.Outcome.PAUSED])
    read = complete.filter(principals__gt=0, started_at__gte=run.requested_at)
    if read.exists() and not Account.objects.filter(principals=None).exists():
        return []
    refused, now = [], database_now()
    for account in Account.objects.order_by("pk"):
        try:
            run.principals += sync_principals(account, account.region, now)
        except AwsError as error:
            drop_ended_sessions(error)
            refused.append(f"The roles and users of {account} could not be read: {error}")
    return refused


def _read_crawlers(catalog: ConnectedCatalog, stop: StopSignal, session_name: str) -> None:
    """Nothing changes where AWS refuses the list: the role of an account that was connected earlier may lack the right."""
    if catalog.kind != ConnectedCatalog.Kind.PRODUCER or catalog.path:
        return
    found = []
    try:
        glue = get_client(
            "glue", account=catalog.account, role="observer", region=catalog.region, session_name=session_name
        )
        for page in iterate_crawler_pages(glue):
            if stop.is_set():
                return
            found += [_build_reading(row) for row in page]
    except AwsError as error:
        logger.warning("the crawlers of %s were not read: %s", catalog.short_name, error)
        drop_ended_sessions(error)
        return
    store_crawlers(catalog, found, database_now())


def _build_reading(row: dict[str, Any]) -> CrawlerReading:
    targets = (row.get("Targets") or {}).get("S3Targets") or []
    paths = [target["Path"] for target in targets if target.get("Path")]
    return CrawlerReading(row["Name"], str(row.get("DatabaseName") or "").lower(), paths)


# Reads column statistics of tables in products. AWS returns them table by table, so each sync of a catalog
# reads some, the oldest first.
def read_statistics(catalog: ConnectedCatalog, stop: StopSignal, session_name: str) -> int:
    """Returns how many responses were stored; a refusal is stored by its message. Ends when throttled."""
    account, before = catalog.account, database_now() - timedelta(seconds=settings.STATISTICS_EVERY)
    waiting = list_due_tables(catalog, before, MAX_TABLES)
    if not waiting:
        return 0
    glue = get_client(
        "glue", account=account, role="observer", region=catalog.region, session_name=session_name
    )
    catalog_id = ":".join(filter(None, [account.account_id, catalog.path]))
    kept = 0
    for table in _iterate_at_rate(catalog, waiting, stop):
        try:
            names = [column.name for column in table.columns.all()]
            table_statistics = reads.read_column_statistics(
                glue, catalog_id, table.database.name, table.name, names
            )
            figures, error = parse_column_statistics(table_statistics), ""
        except AwsError as refused:
            if refused.kind is ErrorKind.THROTTLED:
                calls.adapt_rate(
                    account.account_id,
                    catalog.region,
                    OPERATION,
                    throttled=True,
                    limit=calls.get_read_limit(),
                )
                break
            figures, error = [], str(refused)
        store_statistics(table.pk, figures, error, database_now())
        kept += 1
    return kept


def _iterate_at_rate(catalog: ConnectedCatalog, waiting: list[Table], stop: StopSignal) -> Iterator[Table]:
    """Yield each table when the shared rate limit allows it; ends at `stop`."""
    for table in waiting:
        while not calls.take_token(
            catalog.account.account_id, catalog.region, OPERATION, calls.get_read_limit()
        ):
            if stop.wait(PAUSE):
                return
        if stop.is_set():
            return
        yield table
