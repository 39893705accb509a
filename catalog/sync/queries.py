"""What the sync pages tell: how each catalog is read, and what one run saw."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max, QuerySet

from catalog.mirror.models import Database, Table
from catalog.products.may import visible_tables
from catalog.sync.may import may_request_sync
from catalog.sync.models import SyncProblem, SyncRun
from identity.accounts.models import ConnectedCatalog
from identity.errors import NotFoundError
from identity.people.models import Person

MOST_SHOWN = 200


@dataclass(frozen=True)
class Progress:
    """How far a run is: `share` in percent; seconds that remain are None until they can be told."""

    share: int
    tables_per_second: int
    remaining: int | None


@dataclass(frozen=True)
class CatalogSync:
    """A catalog with its last run; `paused` is the run that waits for a person, `next_at` when it is due. `read_at`: when
    a run last read all of it; `problems`: databases that the last run could not read.
    """

    catalog: ConnectedCatalog
    run: SyncRun | None
    progress: Progress | None
    paused: SyncRun | None
    next_at: datetime | None
    read_at: datetime | None
    problems: int

    @property
    def is_busy(self) -> bool:
        return self.run is not None and self.run.finished_at is None


@dataclass(frozen=True)
class RunPage:
    """`changed` and `gone` are the first `MOST_SHOWN` tables that the run wrote or tombstoned; `shut` are ids of those of
    them whose pages are not the person's to open, as their product is not published yet.
    """

    run: SyncRun
    progress: Progress | None
    problems: Sequence[SyncProblem]
    changed: Sequence[Table]
    gone: Sequence[Table]
    shut: frozenset[int]


def catalogs_for(person: Person, now: datetime) -> list[CatalogSync]:
    """Every connected catalog. NotFoundError for who may not ask for a sync."""
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
        _sync(
            row, last.get(row.pk), now, paused=paused.get(row.pk), read_at=read.get(row.pk), problems=problems
        )
        for row in catalogs
    ]


def runs_for(person: Person) -> QuerySet[SyncRun]:
    """All runs, newest first. NotFoundError for who may not ask for a sync."""
    if not may_request_sync(person):
        raise NotFoundError
    return SyncRun.objects.select_related("catalog", "requested_by").order_by("-pk")


def run_page(person: Person, pk: int, now: datetime) -> RunPage:
    """One run. NotFoundError when there is none, or none for this person."""
    run = runs_for(person).filter(pk=pk).first()
    if run is None:
        raise NotFoundError
    end = run.finished_at or now
    mine = Table.objects.filter(database__catalog=run.catalog).select_related("database", "succeeded_by")
    if run.database:
        mine = mine.filter(database__name=run.database)
    mine, meanwhile = mine.order_by("database__name", "name"), (run.started_at or end, end)
    changed = list(mine.filter(mirrored_at__range=meanwhile)[:MOST_SHOWN])
    gone = list(mine.filter(tombstoned_at__range=meanwhile)[:MOST_SHOWN])
    return RunPage(
        run=run,
        progress=progress_of(run, now),
        problems=list(run.problems.order_by("database")[:MOST_SHOWN]),
        changed=changed,
        gone=gone,
        shut=shut_to(person, [*changed, *gone]),
    )


def shut_to(person: Person, tables: Iterable[Table]) -> frozenset[int]:
    """Ids of those that the person may not look at. One query."""
    ids = {table.pk for table in tables}
    return frozenset(ids - set(visible_tables(person).filter(pk__in=ids).values_list("pk", flat=True)))


def databases_of(catalog: ConnectedCatalog) -> QuerySet[Database]:
    """The live databases, by name."""
    return Database.objects.filter(catalog=catalog, tombstoned_at=None).order_by("name")


def progress_of(run: SyncRun, now: datetime) -> Progress | None:
    """None for a run that has not begun, or is over."""
    if run.started_at is None or run.finished_at is not None:
        return None
    seconds = max((now - run.started_at).total_seconds(), 0.001)
    expected = max(run.pages_expected, run.pages)
    remaining = round((expected - run.pages) * seconds / run.pages) if run.pages else None
    share = round(100 * run.pages / expected) if expected else 0
    return Progress(share, round(run.tables / seconds), remaining)


def _sync(
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
        progress_of(run, now) if run else None,
        paused,
        next_at=max(run.requested_at + every, now) if run else None,
        read_at=read_at,
        problems=problems.get(run.pk, 0) if run else 0,
    )
