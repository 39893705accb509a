"""Reminds deciders once of requests that wait longer than their domain promises, then tells governance admins once."""

from background.tasks import ErrorCollector
from kernel import clock
from requests_app.review.sla.actions import record_overdue_step
from requests_app.review.sla.models import OverdueStep
from requests_app.review.sla.queries import list_overdue_items

BATCH_SIZE = 100


def remind_of_overdue_items() -> int:
    """Each in its own transaction; returns how many."""
    now, count, faults = clock.now(), 0, ErrorCollector()
    for step in OverdueStep.Step:
        for pk in list_overdue_items(step, now).values_list("pk", flat=True)[:BATCH_SIZE]:
            with faults.collect(f"the reminder of item {pk}"):
                count += record_overdue_step(item_id=pk, step=step, now=now)
    faults.raise_first()
    return count
