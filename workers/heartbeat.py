"""The heartbeat of a Celery worker: shows that it is alive, and dispatches while beat is away."""

import threading
from typing import Any

from celery.signals import (
    celeryd_init,
    worker_process_shutdown,
    worker_ready,
    worker_shutdown,
    worker_shutting_down,
)
from celery.worker import state
from django.conf import settings
from django.db import connections

from background.models import WorkerProcess
from background.queued_tasks import delete_ended_marks
from background.task_table import Queue
from background.tasks import BackgroundTask
from background.worker_processes import HEARTBEAT_INTERVAL, delete_process, record_heartbeat
from workers.broker_queues import count_messages
from workers.dispatch.loop import DispatchLoop
from workers.stop import STOP
from workers.task_run import write_counts
from workers.tasks import send_row_task

WORKER = WorkerProcess.Kind.WORKER
MARK_CHECKS = 3
"""Heartbeats after a task in which marks of ended tasks are looked for. Those during an outage of the database do not count."""


class Heartbeat(threading.Thread):
    """Runs beside the worker's pool, in its main process."""

    def __init__(self, name: str, queues: list[str], concurrency: int) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._worker, self._queues, self._concurrency = name, queues, concurrency
        self._ended = threading.Event()
        self._begun, self._checks_left = 0, MARK_CHECKS
        self._beat = BackgroundTask("heartbeat", self._show, HEARTBEAT_INTERVAL)
        self._dispatching = DispatchLoop(name, WORKER, send_row_task, count_messages)

    def run(self) -> None:
        wait = 0.0
        while not self._ended.wait(wait):
            if self._beat.is_due:
                self._beat.run(WORKER)
            wait = min(self._dispatching.run(), HEARTBEAT_INTERVAL)
        connections.close_all()

    def end(self) -> None:
        self._ended.set()

    def _show(self) -> None:
        record_heartbeat(self._worker, WORKER, self._queues, self._concurrency)
        running = [(request.name, request.args[0]) for request in state.active_requests if request.args]
        begun = sum(state.total_count.values())
        self._checks_left = MARK_CHECKS if running or begun != self._begun else self._checks_left - 1
        self._begun = begun
        if self._checks_left > 0:
            delete_ended_marks(self._worker, running)
        write_counts()


_heartbeats: list[Heartbeat] = []


@celeryd_init.connect
def set_concurrency(conf: Any, options: Any, **_others: object) -> None:
    """The sum of the queues' concurrency, unless the command line names one."""
    if not options.get("concurrency"):
        chosen = options.get("queues") or list(Queue)
        names = chosen.split(",") if isinstance(chosen, str) else chosen
        conf.worker_concurrency = sum(settings.QUEUE_CONCURRENCY.get(name, 1) for name in names)


@worker_ready.connect
def start_heartbeat(sender: Any, **_others: object) -> None:
    worker = sender.controller
    heartbeat = Heartbeat(worker.hostname, list(worker.app.amqp.queues.consume_from), worker.concurrency)
    _heartbeats.append(heartbeat)
    heartbeat.start()


@worker_shutting_down.connect
def stop_long_tasks(**_others: object) -> None:
    """Ends syncs and readings of trails; rounds are finished."""
    STOP.set()


@worker_shutdown.connect
def end_heartbeat(sender: Any, **_others: object) -> None:
    while _heartbeats:
        heartbeat = _heartbeats.pop()
        heartbeat.end()
        heartbeat.join(HEARTBEAT_INTERVAL)
    delete_process(sender.hostname)
    write_counts(at_once=True)


@worker_process_shutdown.connect
def write_last_counts(**_others: object) -> None:
    """Write the counts of a process of the prefork pool."""
    write_counts(at_once=True)
