"""Rows of the workers, as they write them."""

from datetime import timedelta
from typing import NoReturn

from background.health import NOW
from background.models import DispatchLease, QueuedTask, TaskFailure, WorkerProcess
from background.queued_tasks import mark_queued, mark_taken
from background.task_failures import record_failure
from background.task_table import Queue, TaskName
from background.worker_processes import hold_dispatch_lease, record_heartbeat
from tests.database import as_role

WORKER = "meshmarket_worker"
Kind = WorkerProcess.Kind


def start_worker(name: str = "worker@here", queues: tuple[str, ...] = tuple(Queue)) -> None:
    with as_role(WORKER):
        record_heartbeat(name, Kind.WORKER, queues, 4)


def start_sweep(name: str = "sweep@here-1") -> None:
    with as_role(WORKER):
        record_heartbeat(name, Kind.SWEEP, list(Queue))


def start_beat(name: str = "beat@here-1") -> None:
    with as_role(WORKER):
        record_heartbeat(name, Kind.BEAT)
        hold_dispatch_lease(name, is_beat=True)


def silence(name: str, age: timedelta) -> None:
    """The process was last seen so long ago, and its lease has ended."""
    with as_role(WORKER):
        WorkerProcess.objects.filter(name=name).update(seen_at=NOW - age)
        DispatchLease.objects.filter(owner=name).update(lease_until=NOW - age)


def queue_task(task: TaskName, row_id: int, *, age: timedelta = timedelta(0), worker: str = "") -> None:
    """A message that was sent so long ago, and taken by `worker`."""
    with as_role(WORKER):
        mark_queued(task, [row_id])
        QueuedTask.objects.filter(task=task, row_id=row_id).update(queued_at=NOW - age)
        if worker:
            mark_taken(task, row_id, worker)


def fail_task(task: TaskName, row_id: int, text: str = "the text") -> TaskFailure:
    """An unexpected exception, whose text is not to be shown."""
    with as_role(WORKER):
        try:
            _fail(text)
        except LookupError as error:
            record_failure(task, row_id, error, "1234abcd")
        return TaskFailure.objects.get(task=task, row_id=row_id)


def _fail(text: str) -> NoReturn:
    raise LookupError(text)
