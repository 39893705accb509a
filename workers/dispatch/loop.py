"""The loop that dispatches: run by beat, or by a worker while beat is away."""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from django.conf import settings
from django.db import DatabaseError, connections

from background.health import Reporter, report_successes
from background.models import WorkerProcess
from background.queued_tasks import (
    delete_lost_marks,
    delete_marks,
    delete_marks_of_lost_workers,
    list_queues_to_verify,
    mark_queued,
)
from background.task_failures import resolve_unretried_failures
from background.task_table import TASKS, Queue, TaskName
from background.tasks import BackgroundTask
from background.worker_processes import hold_dispatch_lease
from workers.dispatch.due_rows import DUE_QUERIES, Found, execute_due_statement

Send = Callable[[TaskName, int], bool]
"""Sends the message of a task for a row; False if the broker did not take it."""


def list_due(task: TaskName) -> list[int]:
    """Ids of due rows that are neither queued nor backing off after a failure, the most urgent first."""
    return find_due([task]).rows[task]


def find_due(tasks: Sequence[TaskName]) -> Found:
    """Due rows of these tasks, by one statement; by a second one if rows had to be created first."""
    found = execute_due_statement(tasks)
    for create in found.creations:
        create()
    return execute_due_statement(tasks) if found.creations else found


def send_due(task: TaskName, due: Sequence[int], send: Send) -> int:
    """Send the task of each of these rows once, while it is queued or run; returns how many were sent."""
    if not due:
        return 0
    marked = mark_queued(task, due)
    wanted = [row_id for row_id in due if row_id in marked]
    for count, row_id in enumerate(wanted):
        if not send(task, row_id):
            delete_marks(task, wanted[count:])
            return count
    return len(wanted)


def dispatch(task: TaskName, send: Send) -> int:
    """Send the task of each due row."""
    return send_due(task, list_due(task), send)


def dispatch_all(tasks: Sequence[TaskName], send: Send) -> int:
    due = find_due(tasks).rows if tasks else {}
    return sum(send_due(task, due[task], send) for task in tasks)


SHORTEST_RETENTION = 60.0
"""Nothing that is deleted by age is kept for less, so that looking for it more often finds nothing."""
LEASE_INTERVAL = 2.0
LOST_INTERVAL = 2.0
BROKER_INTERVAL = 2.0
IDLE_INTERVAL = 1.0
"""Seconds, at least, between two looks while nothing is queued or waits to be continued."""
GROUPED_WITHIN = 0.1
"""Tasks that are due within so many seconds of each other are looked for by the same statement."""
CountMessages = Callable[[Iterable[Queue]], dict[Queue, int]]
"""How many messages each of the queues has in the broker; empty if the broker does not answer."""
logger = logging.getLogger(__name__)
UNKNOWN = Found({}, are_rounds_pending=True, is_mending_due=True)


class BrokerConnectionError(Exception):
    """The broker did not take the last message. Its row is still due, and is sent again."""


def compute_interval(task: TaskName) -> float:
    """At least `CLAIM_EVERY`: what a decision or task made due is sent by the web or the worker, and found here otherwise."""
    return max(get_interval(task), float(settings.CLAIM_EVERY))


class DispatchLoop:
    """Runs the dispatchers while the process holds the lease."""

    def __init__(
        self, process: str, kind: WorkerProcess.Kind, send: Send, count_messages: CountMessages
    ) -> None:
        self._process, self._kind, self._send = process, kind, send
        self._count_messages = count_messages
        self._holds_lease = False
        self._is_broker_available = True
        self._found = UNKNOWN
        self._reports: list[Reporter] = []
        self._lease = BackgroundTask("dispatch lease", self._hold_lease, LEASE_INTERVAL)
        self._dispatchers = {
            task: BackgroundTask(
                f"dispatch of {task}",
                partial(self._dispatch, task),
                compute_interval(task),
                report=self._reports.append,
            )
            for task in TASKS
        }
        self._others = [
            BackgroundTask("lost messages", self._resend_lost_messages, LOST_INTERVAL),
            BackgroundTask("broker", self._verify_broker, BROKER_INTERVAL, max_wait=BROKER_INTERVAL),
        ]

    def run(self) -> float:
        """Run what is due; returns the seconds until something is due again."""
        if self._lease.is_due and not self._lease.run(self._kind):
            self._holds_lease = False
        if not self._holds_lease:
            return self._compute_wait([self._lease])
        self._run_dispatchers()
        for other in self._others:
            if other.is_due:
                other.run(self._kind)
        reports, self._reports[:] = list(self._reports), []
        try:
            report_successes(reports)
        except DatabaseError as error:
            logger.warning("the health of the dispatchers could not be written: %s", error)
            connections.close_all()
        return self._compute_wait([self._lease, *self._dispatchers.values(), *self._others])

    def _run_dispatchers(self) -> None:
        soon = time.monotonic() + GROUPED_WITHIN
        if not any(dispatcher.is_due for dispatcher in self._dispatchers.values()):
            return
        due = [task for task, dispatcher in self._dispatchers.items() if dispatcher.due_at <= soon]
        self._found = self._find_due([task for task in due if not self._dispatchers[task].failures])
        for task in due:
            self._dispatchers[task].run(self._kind)
        if not (self._found.are_rounds_pending or any(self._found.rows.get(task) for task in DUE_QUERIES)):
            # What people and tasks make due wakes the workers by a message; the next look finds what is due
            # by the clock.
            until = time.monotonic() + IDLE_INTERVAL
            for dispatcher in self._dispatchers.values():
                dispatcher.due_at = max(dispatcher.due_at, until)

    def _find_due(self, tasks: list[TaskName]) -> Found:
        """Nothing is known if the statement fails: each task is then looked for alone, so that one that fails stops no other."""
        try:
            return find_due(tasks)
        except Exception as error:  # noqa: BLE001 - the task that causes it records it
            logger.warning("due rows are looked for task by task: %s: %s", type(error).__name__, error)
            if isinstance(error, DatabaseError):
                connections.close_all()
            return UNKNOWN

    def _dispatch(self, task: TaskName) -> None:
        rows = self._found.rows.get(task)
        send_due(task, list_due(task) if rows is None else rows, self._send_message)

    def _hold_lease(self) -> None:
        self._holds_lease = hold_dispatch_lease(self._process, is_beat=self._kind == WorkerProcess.Kind.BEAT)

    def _resend_lost_messages(self) -> None:
        """Their rows are due again without the marks."""
        if not self._found.is_mending_due:
            return
        delete_marks_of_lost_workers()
        if late := list_queues_to_verify():
            delete_lost_marks(self._count_messages(late))
        resolve_unretried_failures()

    def _send_message(self, task: TaskName, row_id: int) -> bool:
        self._is_broker_available = self._send(task, row_id)
        return self._is_broker_available

    def _verify_broker(self) -> None:
        if not self._is_broker_available:
            raise BrokerConnectionError

    def _compute_wait(self, tasks: Iterable[BackgroundTask]) -> float:
        return max(0.0, min(task.due_at for task in tasks) - time.monotonic())


def get_interval(task: TaskName) -> float:
    """From the settings; `SWEEP_EVERY` if the task has none of its own."""
    own = {
        TaskName.CONVERGE_SCOPE: settings.CLAIM_EVERY,
        TaskName.RUN_DATA_QUERY: settings.CLAIM_EVERY,
        TaskName.VEND_CREDENTIALS: settings.CLAIM_EVERY,
        TaskName.APPLY_EVENTS: settings.CLAIM_EVERY,
        TaskName.SEAL: settings.SEAL_EVERY,
        TaskName.VERIFY: settings.AUDIT_VERIFY_EVERY,
        TaskName.WARN: settings.HOUSEKEEPING_EVERY,
        TaskName.SEND_REMINDERS: settings.HOUSEKEEPING_EVERY,
        TaskName.REPORT_DEPARTURES: settings.HOUSEKEEPING_EVERY,
        TaskName.REPORT_VACANCIES: settings.HOUSEKEEPING_EVERY,
        TaskName.CHECK_DERIVATIONS: settings.HOUSEKEEPING_EVERY,
        TaskName.COUNT_USES: settings.HOUSEKEEPING_EVERY,
        TaskName.COMPARE_SCHEMAS: settings.HOUSEKEEPING_EVERY,
        TaskName.COUNT_SEARCHES: settings.HOUSEKEEPING_EVERY,
        TaskName.DELETE_OLD_ROWS: max(settings.HOUSEKEEPING_EVERY, SHORTEST_RETENTION),
    }
    return float(own.get(task, settings.SWEEP_EVERY))
