"""`manage.py sweep`: a plain process that needs no broker."""

import signal
import threading
from dataclasses import replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fulfilment.background.health import TIMER
from workers.gc_tuning import reduced_collection
from workers.sweep import (
    build_housekeeping_tasks,
    build_sealing_task,
    build_short_tasks,
    build_verification_task,
    run_once,
    run_sweep,
)

TIMER_INTERVAL = 1200.0
"""Seconds: a timer that calls it less often than thrice in an hour is shown as gone in between."""


class Command(BaseCommand):
    help = "Ends expired grants, runs requested catalog syncs and whatever is due, and seals audit events."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="run once, then stop")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["once"]:
            parts = [
                *build_short_tasks(),
                *build_housekeeping_tasks(),
                build_verification_task(),
                build_sealing_task(),
            ]
            failed = run_once([replace(part, interval=TIMER_INTERVAL) for part in parts], TIMER)
            if failed:
                raise CommandError(f"These parts failed, see the log: {', '.join(failed)}.")
        else:
            with reduced_collection():
                run_sweep(stop_on_signal())


def stop_on_signal() -> threading.Event:
    """Set by SIGTERM or Ctrl-C; the process then ends by itself."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
