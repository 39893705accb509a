"""What a message may ask for. Every task can be lost or doubled: the sweep does the same from rows."""

from functools import cache
from typing import Any

from celery import shared_task

from fulfilment.background import Part
from workers.audit_verification import verify_recent_and_slice
from workers.sweep import pass_once, short_parts, sweep
from workers.sync import sync_due

PROCESS = "celery"


@shared_task(name="workers.converge")
def converge_now(**_later: Any) -> None:
    """The bell: do now what the sweep would do within seconds."""
    sweep(_parts(), PROCESS)


@shared_task(name="workers.sync_due")
def sync_now(**_later: Any) -> None:
    """The schedule: read every connected catalog whose last reading is old enough."""
    pass_once(_scheduled_readings(), PROCESS)


@shared_task(name="workers.verify_audit")
def verify_audit(**_later: Any) -> None:
    """The schedule: verify what was sealed lately, and the next slice of the whole chain."""
    pass_once(_verification(), PROCESS)


@cache
def _parts() -> tuple[Part, ...]:
    """Kept for the life of the process, so that a part that fails backs off, however often messages come."""
    return tuple(short_parts())


@cache
def _scheduled_readings() -> tuple[Part, ...]:
    return (Part("scheduled readings", sync_due, 0.0),)


@cache
def _verification() -> tuple[Part, ...]:
    return (Part("audit verification", verify_recent_and_slice, 0.0),)
