"""Crawler runs, requested by rows. One pass starts the crawler, later ones look whether it has ended.

`sent_at` is stored before the call that starts it. A run whose worker was killed in between is started again only if AWS
shows no crawl of it after all that such a call may take.
"""

from datetime import datetime, timedelta

from django.conf import settings

from catalog.crawler_runs import (
    OPEN_RUN_STATES,
    CrawlerRun,
    CrawlerRunProblem,
    cancel_run,
    fail_run,
    is_database_known,
    mark_crawled,
    mark_sent,
    mark_started,
    postpone_run,
    request_reading,
    succeed_run,
)
from catalog.sync.models import SyncRun
from kernel.advisory_locks import AdvisoryLock, try_session_lock
from kernel.clock import now as database_now
from workers.aws import glue
from workers.aws.errors import RETRIED_KINDS, AwsError, ErrorKind
from workers.aws.glue import CrawlerStatus
from workers.aws.sessions import drop_ended_sessions, get_client
from workers.recorded_requests import find_refusal

SESSION_NAME = "meshmarket-crawler-%d"
PROBLEMS = {ErrorKind.DENIED: CrawlerRunProblem.DENIED, ErrorKind.ABSENT: CrawlerRunProblem.ABSENT}


def advance_run(pk: int) -> None:
    """Start the crawler, look whether it has ended, or whether its tables have been read."""
    with try_session_lock(AdvisoryLock.CRAWLER_RUN, pk) as is_ours:
        run = _find_open(pk) if is_ours else None
        if run is None:
            return
        try:
            _advance(run, database_now())
        except AwsError as error:
            drop_ended_sessions(error)
            now = database_now()
            if error.kind in RETRIED_KINDS:
                postpone_run(run, now)
            else:
                fail_run(run, PROBLEMS.get(error.kind, CrawlerRunProblem.REFUSED), error.message, now)


def fail_unexpectedly(pk: int, reason: str) -> None:
    """Finish a run that failed with an unexpected exception."""
    if run := _find_open(pk):
        fail_run(run, CrawlerRunProblem.UNEXPECTED, reason, database_now())


def _find_open(pk: int) -> CrawlerRun | None:
    rows = CrawlerRun.objects.filter(pk=pk, state__in=OPEN_RUN_STATES)
    return rows.select_related("catalog__account__team", "sync_run", "requested_by").first()


def _advance(run: CrawlerRun, now: datetime) -> None:
    if now >= run.requested_at + timedelta(seconds=settings.CRAWLER_DEADLINE):
        fail_run(run, CrawlerRunProblem.TOO_LONG, "", now)
    elif reason := find_refusal(run, now):
        fail_run(run, CrawlerRunProblem.NOT_ALLOWED, reason, now)
    elif run.crawled_at is None:
        _start_or_follow(run, now)
    else:
        # A sync run whose worker was killed has a successor, which counts in its place.
        assert run.sync_run is not None
        rows = SyncRun.objects.filter(
            catalog=run.catalog, database=run.sync_run.database, pk__gte=run.sync_run_id
        )
        last = rows.order_by("-pk")[0]
        if last.outcome == SyncRun.Outcome.RUNNING:
            postpone_run(run, now)
        elif last.outcome != SyncRun.Outcome.FAILED:
            succeed_run(run, now)
        elif not last.database and is_database_known(run):
            request_reading(run, now)  # Only something else in the catalog could not be read.
        else:
            fail_run(run, CrawlerRunProblem.UNREAD, last.error, now)


def _start_or_follow(run: CrawlerRun, now: datetime) -> None:
    client = get_client(
        "glue",
        account=run.catalog.account,
        role="executor",
        region=run.catalog.region,
        session_name=SESSION_NAME % run.pk,
    )
    status = glue.read_crawler(client, run.crawler)
    if run.sent_at is None and not status.is_ready:
        fail_run(run, CrawlerRunProblem.BUSY, "", now)
        return
    if run.sent_at is None:
        mark_sent(run, database=status.database, previous_crawl=status.last_crawl, now=now)
    elif not _is_start_missing(run, status, now):
        has_ended = status.is_ready and status.last_crawl != run.previous_crawl
        if has_ended or not status.is_ready:
            mark_started(run, now)
        if not has_ended:
            postpone_run(run, now)
        elif status.outcome == glue.SUCCEEDED:
            mark_crawled(run, now)
        elif status.outcome == glue.CANCELLED:
            cancel_run(run, status.error, now)
        else:
            fail_run(run, CrawlerRunProblem.CRAWL_FAILED, status.error, now)
        return
    glue.start_crawler(client, run.crawler)
    mark_started(run, now)
    postpone_run(run, now)


def _is_start_missing(run: CrawlerRun, status: CrawlerStatus, now: datetime) -> bool:
    """Whether the call that starts the crawler was lost, with the worker or on its way."""
    if run.started_at is not None or run.sent_at is None or not status.is_ready:
        return False
    longest = settings.SHORT_TRANSACTION + settings.CALL_DEADLINE + settings.SETTLE
    return status.last_crawl == run.previous_crawl and now > run.sent_at + timedelta(seconds=longest)
