"""The loop that dispatches: run by beat, or by a worker while beat is away."""

import time
from collections.abc import Callable, Iterable
from functools import partial

from django.conf import settings

from fulfilment.background.models import WorkerProcess
from fulfilment.background.queued_tasks import (
    delete_lost_marks,
    delete_marks_of_lost_workers,
    list_queues_to_verify,
)
from fulfilment.background.task_failures import resolve_unretried_failures
from fulfilment.background.task_table import TASKS, Queue, TaskName
from fulfilment.background.tasks import BackgroundTask
from fulfilment.background.worker_processes import hold_dispatch_lease
from workers.dispatch.dispatcher import Send, dispatch
from workers.dispatch.intervals import get_interval

LEASE_INTERVAL = 2.0
LOST_INTERVAL = 2.0
BROKER_INTERVAL = 2.0
CountMessages = Callable[[Iterable[Queue]], dict[Queue, int]]
"""How many messages each of the queues has in the broker; empty if the broker does not answer."""


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
        self._lease = BackgroundTask("dispatch lease", self._hold_lease, LEASE_INTERVAL)
        self._dispatchers = [
            BackgroundTask(
                f"dispatch of {task}", partial(dispatch, task, self._send_message), compute_interval(task)
            )
            for task in TASKS
        ]
        self._dispatchers += [
            BackgroundTask("lost messages", self._resend_lost_messages, LOST_INTERVAL),
            BackgroundTask("broker", self._verify_broker, BROKER_INTERVAL, max_wait=BROKER_INTERVAL),
        ]

    def run(self) -> float:
        """Run what is due; returns the seconds until something is due again."""
        if self._lease.is_due and not self._lease.run(self._kind):
            self._holds_lease = False
        if not self._holds_lease:
            return self._compute_wait([self._lease])
        for dispatcher in self._dispatchers:
            if dispatcher.is_due:
                dispatcher.run(self._kind)
        return self._compute_wait([self._lease, *self._dispatchers])

    def _hold_lease(self) -> None:
        self._holds_lease = hold_dispatch_lease(self._process, is_beat=self._kind == WorkerProcess.Kind.BEAT)

    def _resend_lost_messages(self) -> None:
        """Their rows are due again without the marks."""
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
