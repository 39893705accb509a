"""Failures and counts of the workers' tasks."""

import traceback
from collections.abc import Iterable
from datetime import timedelta

from django.db import connection

from background.health import NOW
from background.models import QueuedTask, TaskFailure
from background.task_table import TaskName
from kernel.backoff import compute_backoff

INITIAL_WAIT, MAX_WAIT = 1.0, 60.0
"""Seconds until a task that failed is sent again."""
UNRETRIED_AFTER = timedelta(minutes=3)
"""A failure that was not retried this long after its time has ended: its row is no longer due."""
RETENTION = timedelta(days=1)
MAX_FRAMES_LENGTH = 8000

_RECORD_FAILURE = """
INSERT INTO fulfilment_taskfailure AS f (task, row_id, failures, failing_since, failed_at, retry_at, error_class,
       error_id, frames)
VALUES (%(task)s, %(row_id)s, 1, clock_timestamp(), clock_timestamp(), clock_timestamp(), %(error_class)s, %(error_id)s,
        %(frames)s)
ON CONFLICT (task, row_id) DO UPDATE SET
       failures = CASE WHEN f.resolved_at IS NULL THEN f.failures + 1 ELSE 1 END,
       failing_since = CASE WHEN f.resolved_at IS NULL THEN f.failing_since ELSE clock_timestamp() END,
       failed_at = clock_timestamp(), resolved_at = NULL, error_class = excluded.error_class,
       error_id = excluded.error_id, frames = excluded.frames
RETURNING failures
"""
_SET_RETRY = """
UPDATE fulfilment_taskfailure SET retry_at = clock_timestamp() + make_interval(secs => %s) WHERE task = %s AND row_id = %s
"""
_ADD_COUNTS = """
INSERT INTO fulfilment_taskcount AS c (task, outcome, count, seconds)
SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::float8[])
ON CONFLICT (task, outcome) DO UPDATE SET count = c.count + excluded.count, seconds = c.seconds + excluded.seconds
"""


def record_failure(task: TaskName, row_id: int, error: BaseException, error_id: str) -> None:
    """Record an unexpected exception; the task is sent again after a back-off of a minute at most."""
    values: dict[str, str | int] = {
        "task": task,
        "row_id": row_id,
        "error_class": type(error).__name__[:120],
        "error_id": error_id,
        "frames": format_frames(error),
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECORD_FAILURE, values)
        (failures,) = cursor.fetchone()
        wait = compute_backoff(failures, initial=INITIAL_WAIT, maximum=MAX_WAIT, jitter=0.25)
        cursor.execute(_SET_RETRY, [wait, task, row_id])


def format_frames(error: BaseException) -> str:
    """The end of the traceback, without the exception's text."""
    return "".join(traceback.format_tb(error.__traceback__))[-MAX_FRAMES_LENGTH:]


def resolve_failure(task: TaskName, row_id: int) -> None:
    TaskFailure.objects.filter(task=task, row_id=row_id, resolved_at=None).update(resolved_at=NOW)


ARE_FAILURES_UNRETRIED = f"""EXISTS (
  SELECT FROM fulfilment_taskfailure WHERE resolved_at IS NULL
     AND retry_at < clock_timestamp() - interval '{UNRETRIED_AFTER.total_seconds():g} seconds')"""


def resolve_unretried_failures() -> int:
    """Resolve failures whose row is no longer due; returns how many."""
    queued = QueuedTask.objects.values_list("task", "row_id")
    late = TaskFailure.objects.filter(resolved_at=None, retry_at__lt=NOW - UNRETRIED_AFTER)
    marked = set(queued)
    ended = [row.pk for row in late if (row.task, row.row_id) not in marked]
    return TaskFailure.objects.filter(pk__in=ended).update(resolved_at=NOW) if ended else 0


def delete_old_failures() -> int:
    return TaskFailure.objects.filter(resolved_at__lt=NOW - RETENTION).delete()[0]


def add_task_counts(counts: Iterable[tuple[str, str, int, float]]) -> None:
    """Add to the totals: task, outcome, how many, seconds. In one order, so that two workers cannot wait for each other."""
    rows = sorted(counts)
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_ADD_COUNTS, [list(column) for column in zip(*rows, strict=True)])
