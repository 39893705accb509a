"""`manage.py sweep`: a plain process that needs no broker."""

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from background.models import WorkerProcess
from background.task_table import TASKS
from background.worker_processes import TIMER, record_heartbeat
from workers.gc_tuning import reduced_collection
from workers.stop import STOP
from workers.sweep import run_once, run_sweep


class Command(BaseCommand):
    help = "Runs the workers' tasks for all due rows, without a broker: rounds, syncs, mails, seals and the rest."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="run each task once, then stop")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["once"]:
            failed = run_once(TASKS)
            record_heartbeat(TIMER, WorkerProcess.Kind.SWEEP)
            if failed:
                raise CommandError(f"These tasks failed, see the log: {', '.join(failed)}.")
            return
        stop_on_signal()
        with reduced_collection():
            run_sweep()


def stop_on_signal() -> None:
    """SIGTERM and Ctrl-C stop the sweep after its running tasks."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: STOP.set())
