"""Runs one task on one row, and records how it ended."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import DatabaseError, connections

from background.models import TaskCount
from background.queued_tasks import delete_marks, mark_delayed, mark_taken
from background.task_failures import add_task_counts, record_failure, resolve_failure
from background.task_table import TaskName
from background.tasks import is_transient_error, log_unexpected_error
from kernel.backoff import compute_backoff
from kernel.duration_counter import DurationCounter
from workers.aws.calls import write_call_counts
from workers.engine.rounds import write_round_counts

logger = logging.getLogger(__name__)
Work = Callable[[int], float | None]
"""What a task does with a row; returns the seconds until a retry, if the row needs one."""
OnError = Callable[[int, str], object]
"""Records an unexpected exception on the row itself."""
MAX_TRANSIENT_RETRIES = 3
"""Retries after a database outage, timeout or lock timeout, before it counts as a failure."""
MAX_BROKER_DELAY = 60.0
"""Seconds for which the broker may hold a retry. For a longer time the row is sent again when it is due: Redis delivers a
delayed message twice when its visibility timeout ends.
"""
Outcome = TaskCount.Outcome


@dataclass(frozen=True)
class TaskResult:
    """`retry_in`: seconds until the same message is to be delivered again. `error`: the exception, which is recorded."""

    retry_in: float | None = None
    error: Exception | None = None


counter = DurationCounter(add_task_counts)


def write_counts(*, at_once: bool = False) -> None:
    """Add what this process has counted to the totals in the database: tasks, rounds, calls to AWS."""
    for write in (counter.write, write_round_counts, write_call_counts):
        write(0.0) if at_once else write()


@dataclass(frozen=True)
class TaskRun:
    """`worker` is empty where no message was sent. `attempt` counts retries of this message, from 0."""

    task: TaskName
    row_id: int
    worker: str = ""
    attempt: int = 0

    def run(self, work: Work, on_error: OnError | None) -> TaskResult:
        """Never raises an Exception of `work`: it is logged, recorded and returned."""
        began = time.monotonic()
        try:
            if self.worker and not mark_taken(self.task, self.row_id, self.worker):
                return TaskResult()
            wait = work(self.row_id)
            resolve_failure(self.task, self.row_id)
        except Exception as error:  # noqa: BLE001 - what keeps the worker alive: it is logged, counted, retried and shown
            return self._handle_error(error, on_error, time.monotonic() - began)
        outcome = Outcome.SUCCEEDED if wait is None else Outcome.RETRIED
        return self._finish(TaskResult(wait), outcome, time.monotonic() - began)

    def _handle_error(self, error: Exception, on_error: OnError | None, seconds: float) -> TaskResult:
        if isinstance(error, DatabaseError):
            connections.close_all()
        if is_transient_error(error) and self.attempt < MAX_TRANSIENT_RETRIES:
            logger.warning("%s %s: %s; trying again", self.task, self.row_id, error)
            wait = compute_backoff(self.attempt + 1, initial=1.0, maximum=MAX_BROKER_DELAY, jitter=0.5)
            return self._finish(TaskResult(wait), Outcome.RETRIED, seconds)
        error_id = log_unexpected_error(f"{self.task} {self.row_id}", error)
        self._record(lambda: record_failure(self.task, self.row_id, error, error_id))
        if on_error is not None:
            reason = f"an unexpected {type(error).__name__}: error {error_id} in the workers' log"
            self._record(lambda: on_error(self.row_id, reason))
        return self._finish(TaskResult(error=error), Outcome.FAILED, seconds)

    def _finish(self, result: TaskResult, outcome: Outcome, seconds: float) -> TaskResult:
        counter.count(self.task, outcome, seconds)
        is_delayed = result.retry_in is not None and result.retry_in <= MAX_BROKER_DELAY
        if self.worker:
            self._record(lambda: self._release_mark(result.retry_in if is_delayed else None))
        self._record(write_counts)
        return result if is_delayed or result.error else TaskResult()

    def _release_mark(self, delay: float | None) -> None:
        if delay is None:
            delete_marks(self.task, [self.row_id])
        else:
            mark_delayed(self.task, self.row_id, delay)

    def _record(self, write: Callable[[], object]) -> None:
        """A mark that cannot be deleted now is deleted by the worker's heartbeat."""
        try:
            write()
        except DatabaseError as error:
            logger.warning("the state of %s %s could not be written: %s", self.task, self.row_id, error)
            connections.close_all()
