"""Which processes of the workers are alive, what they run now, and which one dispatches."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from background.models import DispatchLease, QueuedTask, WorkerProcess
from background.task_table import Queue
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
