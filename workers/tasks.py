"""What a message may ask for. Every task can be lost or doubled: the sweep does the same from rows."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from celery import shared_task
from django.conf import settings

from fulfilment.background.parts import Part
from workers.sweep import pass_once, short_parts, verification
from workers.sync.runs import sync_due

PROCESS = "celery"
PARTS: Mapping[str, Callable[[], list[Part]]] = {
    "workers.converge": short_parts,
    "workers.sync_due": lambda: [Part("scheduled readings", sync_due, settings.SYNC_EVERY)],
    "workers.verify_audit": lambda: [verification()],
}
"""What each task does, by its name. No exception leaves a task; see `fulfilment.background.parts`."""


@cache
def parts_of(name: str) -> tuple[Part, ...]:
    """Kept for the life of the process, so that a part that fails backs off, however often messages come."""
    return tuple(PARTS[name]())


@shared_task(name="workers.converge")
def converge_now(**_later: Any) -> None:
    """The bell: do now what the sweep would do within seconds."""
    pass_once(parts_of("workers.converge"), PROCESS)


@shared_task(name="workers.sync_due")
def sync_now(**_later: Any) -> None:
    """The schedule: read every connected catalog whose last reading is old enough."""
    pass_once(parts_of("workers.sync_due"), PROCESS)


@shared_task(name="workers.verify_audit")
def verify_audit(**_later: Any) -> None:
    """The schedule: verify what was sealed lately, and the next slice of the whole chain."""
    pass_once(parts_of("workers.verify_audit"), PROCESS)
