"""Actions on sync runs: request, resume and drop."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Max, QuerySet
from django.db.models.functions import Trunc

from catalog.mirror.models import Database, Table
from catalog.products.may import visible_tables
from catalog.sync.models import SyncProblem, SyncRun
from identity.accounts import ConnectedCatalog
from identity.people.events import record_by_person
from identity.people.may import has_platform_role
from identity.people.models import Person, PlatformRole
from kernel.errors import NotFoundError
from kernel.verdicts import ALLOWED, Verdict, refusal


def may_request_sync(person: Person) -> Verdict:
    """Governance admins and stewards, because a sync makes calls in every account."""
    roles = (PlatformRole.Role.GOVERNANCE_ADMIN, PlatformRole.Role.STEWARD)
    if person.is_active and has_platform_role(person, *roles):
        return ALLOWED
    return refusal("Only governance admins and stewards can start a sync.")


def may_resume_sync(person: Person) -> Verdict:
    """Whoever may request a sync may confirm that the missing tables are deleted."""
    return may_request_sync(person)


def may_drop_sync(person: Person) -> Verdict:
    """Whoever may request a sync may keep the missing tables."""
    return may_request_sync(person)


def request_sync(*, acting_user: Person, catalog_id: int, now: datetime, database: str = "") -> SyncRun:
    """Request a sync run of a catalog, or of one database of it; a run that already waits is returned.

    NotFoundError if there is no such catalog or database, or the person may not request it.
    """
    with transaction.atomic(durable=True):
        catalog = ConnectedCatalog.objects.select_for_update().filter(pk=catalog_id).first()
        if catalog is None or not may_request_sync(acting_user):
            raise NotFoundError
        databases = Database.objects.filter(catalog=catalog, name=database, tombstoned_at=None)
        if database and not databases.exists():
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


@dataclass(frozen=True)
class RunPeriod:
    """`start` of an hour, a day or a week; `tables` of all catalogs."""

    start: datetime
    average_time: timedelta
    tables: int


def summarize_runs(runs: QuerySet[SyncRun], since: datetime, interval: str) -> list[RunPeriod]:
    """Complete runs by period, the earliest first; `interval` is hour, day or week. One query."""
    complete = runs.filter(outcome=SyncRun.Outcome.DONE, database="", finished_at__gte=since).order_by()
    took = ExpressionWrapper(F("finished_at") - F("started_at"), output_field=DurationField())
    by_catalog = complete.annotate(start=Trunc("finished_at", interval)).values("start", "catalog")
    rows = by_catalog.annotate(average_time=Avg(took), most_tables=Max("tables")).order_by("start")
    starts: dict[datetime, list[tuple[timedelta, int]]] = {}
    for row in rows:
        starts.setdefault(row["start"], []).append((row["average_time"], row["most_tables"]))
    return [_build_period(start, catalogs) for start, catalogs in starts.items()]


def _build_period(start: datetime, catalogs: Iterable[tuple[timedelta, int]]) -> RunPeriod:
    times, tables = zip(*catalogs, strict=True)
    return RunPeriod(start, sum(times, timedelta()) / len(times), sum(tables))
