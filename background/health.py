"""Health of loops: each process writes its own rows, every process reads all."""

import socket
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, models
from django.db.models import F, Func
from django.db.models.functions import Least

from background.models import TaskHealth

NOW = Func(function="clock_timestamp", output_field=models.DateTimeField())
PROCESS_TIMEOUT = timedelta(seconds=120)
"""A loop that has not reported for this long is not running; a loop also gets three intervals."""
RETENTION = timedelta(days=1)
"""Rows of processes that are gone are removed after this time."""
_RECORD_FAILURE = """
INSERT INTO fulfilment_taskhealth AS h (part, process, host, every, reported_at, failing_since, failures,
       failures_in_all, error_class, error_id, failed_at, next_try_at)
VALUES (%s, %s, %s, %s, clock_timestamp(), clock_timestamp(), 1, 1, %s, %s, clock_timestamp(),
        clock_timestamp() + make_interval(secs => %s))
ON CONFLICT (part, process, host) DO UPDATE SET reported_at = excluded.reported_at, every = excluded.every,
       failing_since = coalesce(h.failing_since, excluded.failing_since), failures = h.failures + 1,
       failures_in_all = h.failures_in_all + 1, error_class = excluded.error_class, error_id = excluded.error_id,
       failed_at = excluded.failed_at, next_try_at = excluded.next_try_at
"""
_RECORD_SUCCESSES = """
INSERT INTO fulfilment_taskhealth AS h (part, process, host, every, reported_at, failures, failures_in_all,
       error_class, error_id)
SELECT part, process, host, every, clock_timestamp(), 0, 0, '', ''
  FROM unnest(%s::text[], %s::text[], %s::text[], %s::float8[]) AS report (part, process, host, every)
 ORDER BY part
ON CONFLICT (part, process, host) DO UPDATE SET reported_at = excluded.reported_at, every = excluded.every,
       failing_since = NULL, failures = 0, next_try_at = NULL
"""


def host_name() -> str:
    return socket.gethostname()[:120]


@dataclass(frozen=True)
class Reporter:
    """Who reports: a task in a process, which runs every `interval` seconds."""

    task: str
    process: str
    interval: float

    def build_params(self) -> list[str | float]:
        return [self.task[:120], self.process, host_name(), self.interval]


def report_failure(reporter: Reporter, error: BaseException, error_id: str, *, wait: float) -> None:
    """Record a failure of the task; the next try is in `wait` seconds."""
    with connection.cursor() as cursor:
        cursor.execute(
            _RECORD_FAILURE, [*reporter.build_params(), type(error).__name__[:120], error_id, wait]
        )


def report_success(reporter: Reporter) -> None:
    """Record a success of the task, which ends earlier failures."""
    report_successes([reporter])


def report_successes(reporters: Collection[Reporter]) -> None:
    """One statement for all of them."""
    if not reporters:
        return
    with connection.cursor() as cursor:
        rows = [reporter.build_params() for reporter in reporters]
        cursor.execute(_RECORD_SUCCESSES, [list(column) for column in zip(*rows, strict=True)])


def delete_stale_task_health() -> int:
    """Delete rows of processes that have been gone for a day; returns how many."""
    return TaskHealth.objects.filter(reported_at__lt=NOW - RETENTION).delete()[0]


_GRACE_PERIOD = models.ExpressionWrapper(F("every") * 3 * timedelta(seconds=1), models.DurationField())
_IS_FRESH = models.Q(reported_at__gte=Least(NOW - _GRACE_PERIOD, NOW - PROCESS_TIMEOUT))
WEB = "web"
"""Process of the web. The other processes are the workers', whose own rows say whether they are alive."""


@dataclass(frozen=True)
class LoopState:
    """`is_silent`: no live web process runs this loop."""

    row: TaskHealth
    is_silent: bool

    @property
    def is_failing(self) -> bool:
        return self.row.failing_since is not None

    @property
    def is_degraded(self) -> bool:
        return self.is_silent or self.is_failing


def list_loop_states() -> list[LoopState]:
    """One state for each loop and process that runs it, failing ones first, after silent loops of the web. One query.

    A process that reports other loops only does not run this one any more if another process does: a worker dispatches
    until beat is back.
    """
    by_need = F("failing_since").asc(nulls_last=True)
    rows = list(TaskHealth.objects.annotate(is_fresh=_IS_FRESH).order_by(by_need, "part", "-reported_at"))
    alive = {(row.process, row.host) for row in rows if row.is_fresh}
    fresh = {row.part for row in rows if row.is_fresh}
    running = [
        row for row in rows if row.is_fresh or ((row.process, row.host) in alive and row.part not in fresh)
    ]
    known = {row.part for row in running}
    latest = {row.part: row for row in sorted(rows, key=lambda row: row.reported_at)}
    silent = [row for part, row in sorted(latest.items()) if part not in known and row.process == WEB]
    return [LoopState(row, is_silent=row in silent) for row in [*silent, *running]]


def list_degraded_loops() -> list[str]:
    """Names of loops that fail, or that no web process runs."""
    return sorted({state.row.part for state in list_loop_states() if state.is_degraded})
