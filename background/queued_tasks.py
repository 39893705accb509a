"""Marks of tasks that are in the broker or being run, so that each due row is sent once."""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

from django.db import connection

from background.health import NOW
from background.models import QueuedTask, WorkerProcess
from background.task_table import TASKS, Queue, TaskName
from background.worker_processes import WORKER_TIMEOUT

LOST_AFTER = timedelta(seconds=2)
"""A message that is not in the broker this long after it was sent, and that no worker took, is lost."""
ABANDONED_AFTER = timedelta(minutes=10)
"""A message that was not taken for this long is sent again, whatever the broker says."""

_INSERT = """
INSERT INTO fulfilment_queuedtask (task, row_id, queue, queued_at, worker)
SELECT %s, row_id, %s, clock_timestamp(), '' FROM unnest(%s::bigint[]) AS row_id
    ON CONFLICT (task, row_id) DO NOTHING RETURNING row_id
"""
_TAKE = """
INSERT INTO fulfilment_queuedtask AS q (task, row_id, queue, queued_at, taken_at, worker)
VALUES (%(task)s, %(row_id)s, %(queue)s, clock_timestamp(), clock_timestamp(), %(worker)s)
    ON CONFLICT (task, row_id) DO UPDATE SET taken_at = clock_timestamp(), worker = excluded.worker
 WHERE q.taken_at IS NULL OR q.worker = excluded.worker
"""
ARE_MARKS_LATE = f"""EXISTS (
  SELECT FROM fulfilment_queuedtask q
   WHERE q.taken_at IS NULL AND q.queued_at < clock_timestamp() - interval '{LOST_AFTER.total_seconds():g} seconds'
      OR q.taken_at IS NOT NULL AND NOT EXISTS (
         SELECT FROM fulfilment_workerprocess p WHERE p.name = q.worker
            AND p.seen_at >= clock_timestamp() - interval '{WORKER_TIMEOUT.total_seconds():g} seconds'))"""  # noqa: S608
"""Marks of messages that should have been taken, or whose worker is gone."""

_DELETE_LOST = """
DELETE FROM fulfilment_queuedtask
 WHERE taken_at IS NULL AND queued_at < clock_timestamp() - make_interval(secs => %(lost_after)s)
   AND id IN (SELECT id FROM fulfilment_queuedtask
               WHERE queue = %(queue)s AND taken_at IS NULL AND queued_at <= clock_timestamp()
               ORDER BY queued_at DESC, id DESC OFFSET %(message_count)s)
"""


def mark_queued(task: TaskName, row_ids: Collection[int]) -> set[int]:
    """Mark rows as queued; returns those that were not marked before. Rows are inserted in order, so that two dispatchers
    cannot wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [task, TASKS[task].queue, sorted(row_ids)])
        return {row_id for (row_id,) in cursor.fetchall()}


def mark_taken(task: TaskName, row_id: int, worker: str) -> bool:
    """Whether the worker may run the task: False if another worker is running it."""
    values: dict[str, str | int] = {
        "task": task,
        "row_id": row_id,
        "queue": TASKS[task].queue,
        "worker": worker,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        return bool(cursor.rowcount == 1)


def mark_delayed(task: TaskName, row_id: int, seconds: float) -> None:
    """Keep the mark until the broker delivers the message again, in so many seconds."""
    delivered_at = NOW + timedelta(seconds=seconds)
    QueuedTask.objects.filter(task=task, row_id=row_id).update(
        queued_at=delivered_at, taken_at=None, worker=""
    )


def delete_marks(task: TaskName, row_ids: Iterable[int]) -> None:
    """The tasks have ended, or could not be sent."""
    QueuedTask.objects.filter(task=task, row_id__in=list(row_ids)).delete()


def delete_ended_marks(worker: str, running: Iterable[tuple[str, int]]) -> int:
    """Delete marks of tasks that the worker no longer runs but could not delete; returns how many."""
    taken = QueuedTask.objects.filter(worker=worker, taken_at__lt=NOW - LOST_AFTER)
    still = set(running)
    ended = [row.pk for row in taken if (row.task, row.row_id) not in still]
    return QueuedTask.objects.filter(pk__in=ended, worker=worker).delete()[0] if ended else 0


def delete_marks_of_lost_workers() -> int:
    """Delete marks taken by workers that are gone; returns how many."""
    alive = WorkerProcess.objects.filter(seen_at__gte=NOW - WORKER_TIMEOUT).values("name")
    return QueuedTask.objects.filter(taken_at__isnull=False).exclude(worker__in=alive).delete()[0]


def list_queues_to_verify() -> list[Queue]:
    """Queues with messages that should have been taken, or be in the broker."""
    late = QueuedTask.objects.filter(taken_at=None, queued_at__lt=NOW - LOST_AFTER)
    return [Queue(name) for name in late.values_list("queue", flat=True).distinct()]


def delete_lost_marks(message_counts: Mapping[Queue, int]) -> int:
    """Delete marks of messages that are neither taken nor in the broker; returns how many. If a queue has three messages,
    they are those of its three latest marks.
    """
    waiting = QueuedTask.objects.filter(taken_at=None)
    deleted = waiting.filter(queued_at__lt=NOW - ABANDONED_AFTER).delete()[0]
    with connection.cursor() as cursor:
        for queue, message_count in message_counts.items():
            values: dict[str, str | float] = {
                "queue": queue,
                "message_count": message_count,
                "lost_after": LOST_AFTER.total_seconds(),
            }
            cursor.execute(_DELETE_LOST, values)
            deleted += cursor.rowcount
    return deleted
