"""Asks that wait longer than their domain promises: deciders are reminded once, then governance admins are told once."""

from audit import clock
from requests_app.promises.actions import press
from requests_app.promises.due import overdue_items
from requests_app.promises.models import Overdue

A_PASS = 100


def press_overdue() -> int:
    """Each in a transaction of its own; how many were pressed."""
    now = clock.now()
    return sum(
        press(item_id=pk, step=step, now=now)
        for step in Overdue.Step
        for pk in overdue_items(step, now).values_list("pk", flat=True)[:A_PASS]
    )
