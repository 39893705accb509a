"""Queries for the sync pages: the state of each catalog, and the results of one run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max, QuerySet

from catalog.mirror.models import Database, Table
from catalog.products.may import visible_tables
from catalog.sync.may import may_request_sync
from catalog.sync.models import SyncProblem, SyncRun
from identity.accounts import ConnectedCatalog
from identity.people.models import Person
from kernel.errors import NotFoundError

MAX_SHOWN_TABLES = 200


@dataclass(frozen=True)
class SyncProgress:
    """How far a run is: `percent` is done; `seconds_remaining` is None until it can be estimated."""

    percent: int
    tables_per_second: int
    seconds_remaining: int | None


@dataclass(frozen=True)
class CatalogSync:
    """`paused_run` waits for a person; `next_run_at`: when the next is due; `last_complete_at`: when
    a run last read all of it; `problem_count`: databases that the last run could not read.
    """

    catalog: ConnectedCatalog
    last_run: SyncRun | None
    progress: SyncProgress | None
    paused_run: SyncRun | None
    next_run_at: datetime | None
    last_complete_at: datetime | None
    problem_count: int

    @property
    def is_busy(self) -> bool:
        return self.last_run is not None and self.last_run.finished_at is None


@dataclass(frozen=True)
class RunPage:
    """`changed_tables` and `tombstoned_tables` are the first of each; `hidden_table_ids` are the ids of those
    of them whose pages are not the person's to open, as their product is not published yet.
    """

    run: SyncRun
    progress: SyncProgress | None
    problems: Sequence[SyncProblem]
    changed_tables: Sequence[Table]
    tombstoned_tables: Sequence[Table]
    hidden_table_ids: frozenset[int]


def list_catalog_syncs(person: Person, now: datetime) -> list[CatalogSync]:
    """Every connected catalog. NotFoundError if the person may not request a sync run."""
    if not may_request_sync(person):
        raise NotFoundError
    catalogs = ConnectedCatalog.objects.select_related("account").order_by("short_name")
    whole = SyncRun.objects.select_related("requested_by").order_by("catalog", "-pk").distinct("catalog")
    last = {run.catalog_id: run for run in whole}
    waiting = SyncRun.objects.filter(outcome=SyncRun.Outcome.PAUSED).order_by("pk")
    paused = {run.catalog_id: run for run in waiting}
    done = SyncRun.objects.filter(outcome=SyncRun.Outcome.DONE, database="").order_by()
    read = dict(done.values_list("catalog").annotate(at=Max("finished_at")))
    unread = SyncProblem.objects.filter(run__in=last.values()).values_list("run").annotate(n=Count("pk"))
    problems = dict(unread.order_by())
    return [
        _build_catalog_sync(
            row, last.get(row.pk), now, paused=paused.get(row.pk), read_at=read.get(row.pk), problems=problems
        )
        for row in catalogs
    ]


def list_runs(person: Person) -> QuerySet[SyncRun]:
    """All runs, newest first. NotFoundError if the person may not request a sync run."""
    if not may_request_sync(person):
        raise NotFoundError
    return SyncRun.objects.select_related("catalog", "requested_by").order_by("-pk")


def build_run_page(person: Person, pk: int, now: datetime) -> RunPage:
    """One run. NotFoundError when there is none, or none for this person."""
    run = list_runs(person).filter(pk=pk).first()
    if run is None:
        raise NotFoundError
    end = run.finished_at or now
    mine = Table.objects.filter(database__catalog=run.catalog).select_related("database", "succeeded_by")
    if run.database:
        mine = mine.filter(database__name=run.database)
    mine, meanwhile = mine.order_by("database__name", "name"), (run.started_at or end, end)
    changed = list(mine.filter(mirrored_at__range=meanwhile)[:MAX_SHOWN_TABLES])
    gone = list(mine.filter(tombstoned_at__range=meanwhile)[:MAX_SHOWN_TABLES])
    return RunPage(
        run=run,
        progress=compute_progress(run, now),
        problems=list(run.problems.order_by("database")[:MAX_SHOWN_TABLES]),
        changed_tables=changed,
        tombstoned_tables=gone,
        hidden_table_ids=find_hidden_tables(person, [*changed, *gone]),
    )


def find_hidden_tables(person: Person, tables: Iterable[Table]) -> frozenset[int]:
    """Ids of those that the person may not look at. One query."""
    ids = {table.pk for table in tables}
    return frozenset(ids - set(visible_tables(person).filter(pk__in=ids).values_list("pk", flat=True)))


def list_databases(catalog: ConnectedCatalog) -> QuerySet[Database]:
    """The live databases, by name."""
    return Database.objects.filter(catalog=catalog, tombstoned_at=None).order_by("name")


def compute_progress(run: SyncRun, now: datetime) -> SyncProgress | None:
    """None for a run that has not started or has finished."""
    if run.started_at is None or run.finished_at is not None:
        return None
    seconds = max((now - run.started_at).total_seconds(), 0.001)
    expected = max(run.pages_expected, run.pages)
    remaining = round((expected - run.pages) * seconds / run.pages) if run.pages else None
    share = round(100 * run.pages / expected) if expected else 0
    return SyncProgress(share, round(run.tables / seconds), remaining)


def _build_catalog_sync(
    catalog: ConnectedCatalog,
    run: SyncRun | None,
    now: datetime,
    *,
    paused: SyncRun | None,
    read_at: datetime | None,
    problems: Mapping[int, int],
) -> CatalogSync:
    every = timedelta(seconds=settings.SYNC_EVERY)
    return CatalogSync(
        catalog,
        run,
        compute_progress(run, now) if run else None,
        paused,
        next_run_at=max(run.requested_at + every, now) if run else None,
        last_complete_at=read_at,
        problem_count=problems.get(run.pk, 0) if run else 0,
    )
