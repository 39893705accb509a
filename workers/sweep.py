"""The sweep: dispatches and runs all tasks in processes of its own, where there is no broker."""

import logging
import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import Iterable
from functools import partial
from multiprocessing.process import BaseProcess

import django
from django.conf import settings
from django.db import connections

from background.log_context import bind_log_context
from background.models import WorkerProcess
from background.queued_tasks import delete_lost_marks, delete_marks_of_lost_workers
from background.task_failures import resolve_unretried_failures
from background.task_table import TASKS, Queue, TaskName
from background.tasks import BackgroundTask, run_until
from background.worker_processes import (
    HEARTBEAT_INTERVAL,
    build_process_name,
    delete_process,
    record_heartbeat,
)
from workers.dispatch.loop import get_interval, list_due
from workers.stop import STOP
from workers.task_run import TaskResult, TaskRun, write_counts
from workers.tasks import ROW_TASKS

logger = logging.getLogger(__name__)
SWEEP = WorkerProcess.Kind.SWEEP
Lane = tuple[TaskName, ...]
"""Tasks that one process runs, one after the other."""
MAX_PASSES = 20
_retries: Counter[tuple[TaskName, int]] = Counter()
"""Consecutive retries, which a broker would count."""


def list_lanes() -> list[Lane]:
    """One lane for each queue, and more for syncs: they take long, and event queues are listened to meanwhile."""
    by_queue = {queue: tuple(name for name in TASKS if TASKS[name].queue == queue) for queue in Queue}
    syncs = (TaskName.READ_CATALOG, TaskName.READ_DATABASE)
    others = tuple(name for name in by_queue.pop(Queue.SYNC) if name not in syncs)
    return [*by_queue.values(), others, *[syncs] * settings.SYNC_CATALOGS]


def run_due_rows(task: TaskName) -> list[TaskResult]:
    """Run the task for each due row, one after the other. A scope may be due again after a round: it has another then."""
    results: list[TaskResult] = []
    for _ in range(MAX_PASSES if task == TaskName.CONVERGE_SCOPE else 1):
        due = [] if STOP.is_set() else list_due(task)
        if not due:
            break
        results += [run_row(task, row_id) for row_id in due if not STOP.is_set()]
    write_counts()
    return results


def run_row(task: TaskName, row_id: int) -> TaskResult:
    celery_task = ROW_TASKS[task]
    run = TaskRun(task, row_id, attempt=_retries.pop((task, row_id), 0))
    with bind_log_context(task=task, row=row_id):
        result = run.run(celery_task.run, celery_task.on_error)
    if result.retry_in is not None:
        _retries[task, row_id] = run.attempt + 1
    return result


def run_once(tasks: Iterable[TaskName]) -> list[TaskName]:
    """Run each task once for its due rows; returns those that failed."""
    _delete_left_marks()
    failed = [task for task in tasks if any(result.error for result in run_due_rows(task))]
    write_counts(at_once=True)
    resolve_unretried_failures()
    return failed


def run_sweep() -> None:
    """Run all lanes until this process is told to stop. A lane that ends is started again.

    A running round is finished. A sync is interrupted, and the next process requests it again.
    """
    name = build_process_name(SWEEP)
    heartbeat = BackgroundTask("sweep", partial(_show, name), HEARTBEAT_INTERVAL)
    lanes = [LaneProcess(lane) for lane in list_lanes()]
    while not STOP.wait(0.2):
        for lane in lanes:
            lane.keep_running()
        if heartbeat.is_due:
            heartbeat.run(SWEEP)
    for lane in lanes:
        lane.join()
    delete_process(name)
    connections.close_all()


def _show(name: str) -> None:
    record_heartbeat(name, SWEEP, list(Queue))
    _delete_left_marks()
    resolve_unretried_failures()


def _delete_left_marks() -> None:
    """Delete marks of messages that workers left behind: where there is no broker, nobody delivers them."""
    delete_marks_of_lost_workers()
    delete_lost_marks({} if settings.BROKER_URL else dict.fromkeys(Queue, 0))


class LaneProcess:
    """A child process that runs a lane, started again after a crash."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._process: BaseProcess | None = None
        self._started_at = float("-inf")

    def keep_running(self) -> None:
        is_running = self._process is not None and self._process.is_alive()
        if is_running or time.monotonic() - self._started_at < HEARTBEAT_INTERVAL:
            return
        if self._process is not None:
            logger.error("the process of %s ended with %s", self._lane[0], self._process.exitcode)
        connections.close_all()
        self._process = multiprocessing.Process(target=run_lane, args=[self._lane, os.getpid()])
        self._process.start()
        self._started_at = time.monotonic()

    def join(self) -> None:
        if self._process is not None:
            self._process.join(settings.LEASE + settings.CALL_DEADLINE)
            self._process.kill()


def run_lane(lane: Lane, parent: int) -> None:
    """Run the tasks of a lane, each at its interval, until the sweep stops or is gone."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if not django.apps.apps.ready:
        django.setup()
    tasks = [
        BackgroundTask(f"sweep of {task}", partial(run_due_rows, task), get_interval(task)) for task in lane
    ]
    run_until(_StopWithParent(parent), tasks, SWEEP)


class _StopWithParent:
    def __init__(self, parent: int) -> None:
        self._parent = parent

    def is_set(self) -> bool:
        return STOP.is_set() or os.getppid() != self._parent

    def wait(self, timeout: float | None = None) -> bool:
        return STOP.wait(min(timeout or 0.0, 1.0)) or self.is_set()
