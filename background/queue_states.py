"""How many messages wait in each queue, and since when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from django.db import connection

from background.process_states import ProcessState
from background.task_table import Queue

MAX_AGE = timedelta(minutes=1)
"""A message that waits for longer is late."""
_COUNT_MARKS = """
SELECT queue, task, count(*) FILTER (WHERE waits), count(*) FILTER (WHERE taken_at IS NULL AND NOT waits),
       count(taken_at), min(queued_at) FILTER (WHERE waits),
       (array_agg(row_id ORDER BY queued_at, row_id) FILTER (WHERE waits))[1]
  FROM (SELECT *, taken_at IS NULL AND queued_at <= %s AS waits FROM fulfilment_queuedtask) AS mark
 GROUP BY queue, task ORDER BY queue, 6 NULLS LAST, task
"""


@dataclass(frozen=True)
class QueuedCount:
    """Messages of one task: they wait, are delayed until a retry, or are being run. `oldest_row`, `oldest_at`: of those
    that wait.
    """

    queue: str
    task: str
    waiting: int
    delayed: int
    running: int
    oldest_at: datetime | None
    oldest_row: int | None


@dataclass(frozen=True)
class QueueState:
    """`workers`: live processes that take from the queue. `age`: for how long the oldest message has waited."""

    name: Queue
    counts: tuple[QueuedCount, ...]
    workers: int
    age: timedelta

    @property
    def waiting(self) -> int:
        return sum(count.waiting for count in self.counts)

    @property
    def delayed(self) -> int:
        return sum(count.delayed for count in self.counts)

    @property
    def running(self) -> int:
        return sum(count.running for count in self.counts)

    @property
    def is_late(self) -> bool:
        return self.age > MAX_AGE

    @property
    def is_degraded(self) -> bool:
        return self.is_late or not self.workers


def list_queue_states(processes: Iterable[ProcessState], now: datetime) -> list[QueueState]:
    """Every queue. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_MARKS, [now])
        counts = [QueuedCount(*row) for row in cursor.fetchall()]
    taken = list(chain.from_iterable(state.queues for state in processes if state.is_alive))
    return [
        _build_queue_state(queue, [one for one in counts if one.queue == queue], taken.count(queue), now)
        for queue in Queue
    ]


def _build_queue_state(queue: Queue, counts: list[QueuedCount], workers: int, now: datetime) -> QueueState:
    oldest = min((one.oldest_at for one in counts if one.oldest_at), default=now)
    return QueueState(queue, tuple(counts), workers, now - oldest)
