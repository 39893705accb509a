"""A thread of the web process that carries out decisions when they are due."""

import threading
from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from background.tasks import BackgroundTask, run_until
from catalog.registrations.schema_updates.execution import find_schema_updates
from kernel import clock
from marketplace.worker_wakeup import wake_workers
from requests_app.access_reviews.deadlines import settle_access_reviews
from requests_app.product_retirement.execution import carry_out_retirements
from requests_app.review.bulk.execution import execute_due
from requests_app.review.column_holds import release_classified_columns

PROCESS_NAME = "web"
COMPARE_SCHEMAS_EVERY = 15.0
"""Seconds. The comparison reads every mirrored table of the producers that have registrations."""


def start_thread() -> threading.Thread:
    """Start the daemon thread."""
    thread = threading.Thread(
        target=run_deferred_decisions, args=[threading.Event()], name="deferred-decisions", daemon=True
    )
    thread.start()
    return thread


def list_parts() -> list[BackgroundTask]:
    """The jobs of the thread, in order."""
    return [
        BackgroundTask("bulk decisions", lambda: _run_and_wake_workers(execute_due), settings.DECIDE_EVERY),
        BackgroundTask(
            "access reviews", lambda: _run_and_wake_workers(settle_access_reviews), settings.DECIDE_EVERY
        ),
        BackgroundTask(
            "retirements of data products",
            lambda: _run_and_wake_workers(carry_out_retirements),
            settings.DECIDE_EVERY,
        ),
        BackgroundTask(
            "schemas of registered tables",
            lambda: _run_and_wake_workers(find_schema_updates),
            COMPARE_SCHEMAS_EVERY,
        ),
        BackgroundTask(
            "classified columns",
            lambda: _run_and_wake_workers(release_classified_columns),
            settings.DECIDE_EVERY,
        ),
    ]


def run_deferred_decisions(stop: threading.Event) -> None:
    """Run due jobs until `stop` is set. No exception ends the thread; see `background.tasks`."""
    run_until(stop, list_parts(), PROCESS_NAME)


def _run_and_wake_workers(work: Callable[[datetime], int]) -> None:
    if work(clock.now()):
        wake_workers()
