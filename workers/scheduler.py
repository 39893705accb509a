"""Celery beat's scheduler: it looks for due rows itself, so that no message is sent when nothing is due."""

from typing import Any

from celery.beat import Scheduler

from background.models import WorkerProcess
from background.tasks import BackgroundTask
from background.worker_processes import HEARTBEAT_INTERVAL, build_process_name, record_heartbeat
from workers.broker_queues import count_messages
from workers.dispatch.loop import DispatchLoop
from workers.tasks import send_row_task

BEAT = WorkerProcess.Kind.BEAT


class DispatchScheduler(Scheduler):
    """Runs the dispatchers, then any schedule of Celery's own. A second beat waits for the lease."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        name = build_process_name(BEAT)
        self._heartbeat = BackgroundTask("beat", lambda: record_heartbeat(name, BEAT), HEARTBEAT_INTERVAL)
        self._dispatching = DispatchLoop(name, BEAT, send_row_task, count_messages)

    def tick(self, *args: Any, **options: Any) -> float:
        """Seconds until the next tick."""
        if self._heartbeat.is_due:
            self._heartbeat.run(BEAT)
        wait = self._dispatching.run()
        return min(wait, HEARTBEAT_INTERVAL, float(super().tick(*args, **options)))
