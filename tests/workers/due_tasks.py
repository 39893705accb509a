"""Runs tasks for due rows in the test's own thread, as the sweep does."""

from collections.abc import Callable
from datetime import datetime

from background.task_table import TaskName
from requests_app.notifications.models import Outgoing
from workers.sweep import run_due_rows


def run_due(task: TaskName) -> int:
    """Run the task for each due row; returns how many were due. Raises the first exception."""
    results = run_due_rows(task)
    for result in results:
        if result.error is not None:
            raise result.error
    return len(results)


def send_due(kind: type[Outgoing], send: Callable[..., object], now: datetime) -> int:
    """Send what is due at `now`; returns how many were sent."""
    rows = kind._default_manager.filter(gave_up_at=None)
    sent = rows.exclude(sent_at=None).count()
    for pk in list(
        rows.filter(sent_at=None, due_at__lte=now).order_by("due_at").values_list("pk", flat=True)
    ):
        send(pk, now=now)
    return rows.exclude(sent_at=None).count() - sent
