"""Writes how a crawler run goes on. Called by workers; each is one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from audit.actions import record_event
from catalog.crawler_runs.models import Crawler, CrawlerRun
from catalog.crawler_runs.queries import list_crawled_tables
from catalog.crawler_runs.states import CRAWLER_RUN_TRANSITIONS, CrawlerRunProblem, CrawlerRunState
from catalog.mirror.models import Database
from catalog.sync.models import SyncRun
from identity.accounts import ConnectedCatalog

ENGINE = "engine:crawlers"
MIN_PAUSE, MAX_PAUSE = 2.0, 60.0
"""Seconds between two looks at a run."""
PAUSES_PER_AGE = 10
"""A run is looked at again after a tenth of its age."""


@dataclass(frozen=True)
class CrawlerReading:
    """A crawler as Glue lists it."""

    name: str
    database: str
    paths: Sequence[str]


@transaction.atomic
def store_crawlers(catalog: ConnectedCatalog, readings: Iterable[CrawlerReading], now: datetime) -> None:
    """The whole list: others of the catalog are deleted."""
    rows = [
        Crawler(catalog=catalog, name=one.name, database=one.database, paths=list(one.paths), read_at=now)
        for one in readings
    ]
    Crawler.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["catalog", "name"],
        update_fields=["database", "paths", "read_at"],
    )
    Crawler.objects.filter(catalog=catalog).exclude(name__in=[one.name for one in rows]).delete()


def postpone_run(run: CrawlerRun, now: datetime) -> None:
    """Look again later, the later the older the run is."""
    age = (now - run.requested_at).total_seconds()
    run.due_at = now + timedelta(seconds=min(max(age / PAUSES_PER_AGE, MIN_PAUSE), MAX_PAUSE))
    run.save(update_fields=["due_at"])


def mark_sent(run: CrawlerRun, *, database: str, previous_crawl: str, now: datetime) -> None:
    """Before the call that starts it, so that a run whose worker was killed is recognized."""
    run.database, run.previous_crawl, run.sent_at = database, previous_crawl, now
    run.save(update_fields=["database", "previous_crawl", "sent_at"])


def mark_started(run: CrawlerRun, now: datetime) -> None:
    if run.state == CrawlerRunState.REQUESTED:
        run.state = CRAWLER_RUN_TRANSITIONS.check(run.state, CrawlerRunState.RUNNING)
        run.started_at = now
        run.save(update_fields=["state", "started_at"])


def is_database_known(run: CrawlerRun) -> bool:
    """Whether the mirror has the database that the crawler writes to."""
    rows = Database.objects.filter(catalog=run.catalog, name=run.database, tombstoned_at=None)
    return rows.exists()


@transaction.atomic
def mark_crawled(run: CrawlerRun, now: datetime) -> None:
    """AWS has reported success: request that the catalog is read, the crawler's database alone if the mirror knows it."""
    run.crawled_at = now
    request_reading(run, now)


@transaction.atomic
def request_reading(run: CrawlerRun, now: datetime) -> None:
    database = run.database if is_database_known(run) else ""
    run.sync_run = SyncRun.objects.create(catalog=run.catalog, database=database, requested_at=now)
    run.due_at = now + timedelta(seconds=MIN_PAUSE)
    run.save(update_fields=["crawled_at", "sync_run", "due_at"])


@transaction.atomic
def succeed_run(run: CrawlerRun, now: datetime) -> None:
    tables = list(list_crawled_tables(run))
    run.tables.add(*tables)
    _finish(run, CrawlerRunState.SUCCEEDED, now)
    _record("finish_crawler_run", run, now, count=len(tables))


@transaction.atomic
def fail_run(run: CrawlerRun, problem: CrawlerRunProblem, error: str, now: datetime) -> None:
    run.problem, run.error = problem, error
    _finish(run, CrawlerRunState.FAILED, now)
    _record("fail_crawler_run", run, now, problem=problem.value, reason=error or str(problem.label))


@transaction.atomic
def cancel_run(run: CrawlerRun, error: str, now: datetime) -> None:
    """Somebody stopped the crawler in AWS."""
    run.error = error
    _finish(run, CrawlerRunState.CANCELLED, now)
    _record("fail_crawler_run", run, now, reason=error or "It was stopped in AWS.")


def _finish(run: CrawlerRun, state: CrawlerRunState, now: datetime) -> None:
    run.state, run.finished_at = CRAWLER_RUN_TRANSITIONS.check(run.state, state), now
    run.save(update_fields=["state", "finished_at", "problem", "error"])


def _record(verb: str, run: CrawlerRun, now: datetime, **data: Any) -> None:
    said = {"what": run.crawler, "people": [run.requested_by_id], **data}
    record_event(verb=verb, actor=ENGINE, subject=run.subject, data=said, now=now)
