"""Reminds deciders once of requests that wait longer than their domain promises, then tells governance admins once."""

from audit import clock
from fulfilment.background.parts import Faults
from requests_app.review.sla.actions import record_overdue_step
from requests_app.review.sla.models import Overdue
from requests_app.review.sla.queries import list_overdue_items

A_PASS = 100


def press_overdue() -> int:
    """Each in a transaction of its own; how many were pressed."""
    now, count, faults = clock.now(), 0, Faults()
    for step in Overdue.Step:
        for pk in list_overdue_items(step, now).values_list("pk", flat=True)[:A_PASS]:
            with faults.caught(f"the reminder of item {pk}"):
                count += record_overdue_step(item_id=pk, step=step, now=now)
    faults.raise_first()
    return count
