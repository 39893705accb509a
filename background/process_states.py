"""What workers do now: their processes, the messages that wait in each queue, and tasks that fail."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, groupby

from django.db import connection
from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from background.health import NOW
from background.models import DispatchLease, QueuedTask, TaskCount, TaskFailure, WorkerProcess
from background.task_failures import RETENTION
from background.task_table import TASKS, Queue, TaskName
from background.worker_processes import TIMER, TIMER_TIMEOUT, WORKER_TIMEOUT

MAX_RUNNING = 200
"""Running tasks that are listed."""
Kind = WorkerProcess.Kind


@dataclass(frozen=True)
class ProcessState:
    """`unseen_for`: since its last heartbeat. `running`: its tasks with the time they were taken; a sweep does not tell."""

    row: WorkerProcess
    unseen_for: timedelta
    running: tuple[QueuedTask, ...] = ()

    @property
    def is_timer(self) -> bool:
        """Whether it stands for `manage.py sweep --once`, which a timer starts."""
        return self.row.name == TIMER

    @property
    def is_alive(self) -> bool:
        return self.unseen_for <= (TIMER_TIMEOUT if self.is_timer else WORKER_TIMEOUT)

    @property
    def queues(self) -> frozenset[str]:
        """Queues whose tasks it runs."""
        return frozenset(Queue) if self.row.kind == Kind.SWEEP else frozenset(self.row.queues)


def list_process_states(now: datetime) -> list[ProcessState]:
    """Processes of the last hour, by kind and name. Two queries."""
    running = defaultdict(list)
    for task in QueuedTask.objects.filter(taken_at__isnull=False).order_by("taken_at")[:MAX_RUNNING]:
        running[task.worker].append(task)
    return [
        ProcessState(row, now - row.seen_at, tuple(running[row.name]))
        for row in WorkerProcess.objects.order_by("kind", "name")
    ]


def is_replaced(gone: ProcessState, others: Iterable[ProcessState]) -> bool:
    """Whether live processes do what this one did, or one of the same kind and queues was seen later."""
    alive = [state for state in others if state.is_alive]
    is_followed = any(
        state.unseen_for < gone.unseen_for and (state.row.kind, state.queues) == (gone.row.kind, gone.queues)
        for state in others
    )
    is_covered = gone.queues <= frozenset[str]().union(*(state.queues for state in alive))
    return is_followed or (is_covered and gone.row.kind != Kind.BEAT)


@dataclass(frozen=True)
class DispatchState:
    """`owner` looks for due rows, or did until `held_until`. `is_swept`: a live sweep looks for its own."""

    owner: str = ""
    is_beat: bool = False
    held_until: datetime | None = None
    is_held: bool = False
    is_swept: bool = False

    @property
    def is_late(self) -> bool:
        """Whether nobody looks for due rows."""
        return not (self.is_held or self.is_swept)


def get_dispatch_state(processes: Sequence[ProcessState], now: datetime) -> DispatchState:
    """One query."""
    is_swept = any(state.is_alive and state.row.kind == Kind.SWEEP for state in processes)
    lease = DispatchLease.objects.first()
    if lease is None:
        return DispatchState(is_swept=is_swept)
    return DispatchState(lease.owner, lease.is_beat, lease.lease_until, lease.lease_until > now, is_swept)


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
        _build_queue_state(
            queue, [count for count in counts if count.queue == queue], taken.count(queue), now
        )
        for queue in Queue
    ]


def _build_queue_state(queue: Queue, counts: list[QueuedCount], workers: int, now: datetime) -> QueueState:
    oldest = min((count.oldest_at for count in counts if count.oldest_at), default=now)
    return QueueState(queue, tuple(counts), workers, now - oldest)


MAX_FAILURES = 5
"""Failures of one task that are listed."""
MAX_RESOLVED = 20


@dataclass(frozen=True)
class TaskFailures:
    """`rows`: how many rows the task fails on; `failures` are those that failed first, `MAX_FAILURES` at most."""

    name: str
    rows: int
    failures: tuple[TaskFailure, ...]

    @property
    def unlisted(self) -> int:
        return self.rows - len(self.failures)


def list_failing_tasks() -> list[TaskFailures]:
    """One query."""
    by_task = F("task")
    open_failures = TaskFailure.objects.filter(resolved_at=None).annotate(
        rows=Window(Count("pk"), partition_by=by_task),
        position=Window(RowNumber(), partition_by=by_task, order_by=["failing_since", "pk"]),
    )
    found = open_failures.filter(position__lte=MAX_FAILURES).order_by("task", "position")
    tasks = ((name, tuple(failures)) for name, failures in groupby(found, lambda failure: failure.task))
    return [TaskFailures(name, failures[0].rows, failures) for name, failures in tasks]


def list_resolved_failures() -> QuerySet[TaskFailure]:
    """Failures that were resolved on the last day, latest first."""
    rows = TaskFailure.objects.filter(resolved_at__gte=NOW - RETENTION)
    return rows.order_by("-resolved_at", "pk")[:MAX_RESOLVED]


def list_failing_task_names() -> list[str]:
    rows = TaskFailure.objects.filter(resolved_at=None)
    return list(rows.order_by("task").values_list("task", flat=True).distinct())


@dataclass(frozen=True)
class TaskTotals:
    """How often a task ended in each way since the first start. `mean_seconds` is None if it never ended."""

    name: TaskName
    succeeded: int
    failed: int
    retried: int
    mean_seconds: float | None

    @property
    def queue(self) -> Queue:
        return TASKS[self.name].queue


def list_task_totals() -> list[TaskTotals]:
    """Every task, in the order of the table. One query."""
    counts = list(TaskCount.objects.all())
    return [_build_totals(name, [row for row in counts if row.task == name]) for name in TASKS]


def _build_totals(name: TaskName, counts: Iterable[TaskCount]) -> TaskTotals:
    by_outcome = {row.outcome: row.count for row in counts}
    ended = sum(by_outcome.values())
    mean = sum(row.seconds for row in counts) / ended if ended else None
    succeeded, failed, retried = (by_outcome.get(outcome, 0) for outcome in TaskCount.Outcome)
    return TaskTotals(name, succeeded, failed, retried, mean)
