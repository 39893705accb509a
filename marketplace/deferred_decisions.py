"""A thread of the web process that carries out decisions when they are due."""

import threading
from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from audit import clock
from fulfilment.background.parts import Part, run_until
from marketplace.worker_wakeup import ring
from requests_app.access_reviews.deadlines import settle_campaigns
from requests_app.review.bulk.execution import execute_due
from requests_app.review.column_holds import release_classified_columns

PROCESS = "web"


def start() -> threading.Thread:
    """Start it; it ends with its process."""
    thread = threading.Thread(target=work_until, args=[threading.Event()], name="clerk", daemon=True)
    thread.start()
    return thread


def parts() -> list[Part]:
    """What the clerk does, in this order."""
    return [
        Part("bulk decisions", lambda: _do(execute_due), settings.DECIDE_EVERY),
        Part("recertifications", lambda: _do(settle_campaigns), settings.DECIDE_EVERY),
        Part("classified columns", lambda: _do(release_classified_columns), settings.DECIDE_EVERY),
    ]


def work_until(stop: threading.Event) -> None:
    """Look for what is due, again and again. No exception ends the thread; see `fulfilment.background.parts`."""
    run_until(stop, parts(), PROCESS)


def _do(work: Callable[[datetime], int]) -> None:
    if work(clock.now()):
        ring()
