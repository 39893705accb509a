"""What a message may ask for. Every task can be lost or doubled: the sweep does the same from rows."""

from typing import Any

from celery import shared_task

from workers.converge import converge
from workers.expire import expire_due
from workers.sync import pick_requested_sync, sync_catalog, sync_due


@shared_task(name="workers.converge")
def converge_now(**_later: Any) -> None:
    """The bell: expire, read catalogs that were asked for, run what is due."""
    expire_due()
    while run := pick_requested_sync():
        sync_catalog(run)
    converge()


@shared_task(name="workers.sync_due")
def sync_now(**_later: Any) -> None:
    """The schedule: read every connected catalog whose last reading is old enough."""
    sync_due()
