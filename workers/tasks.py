"""What a message may ask for. Every task can be lost or doubled: the sweep does the same from rows."""

from typing import Any

from celery import shared_task

from workers.sweep import sweep
from workers.sync import sync_due


@shared_task(name="workers.converge")
def converge_now(**_later: Any) -> None:
    """The bell: do now what the sweep would do within seconds."""
    sweep()


@shared_task(name="workers.sync_due")
def sync_now(**_later: Any) -> None:
    """The schedule: read every connected catalog whose last reading is old enough."""
    sync_due()
