"""Celery tasks. Each may be lost or run twice: the sweep does the same work from stored rows."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from celery import shared_task
from django.conf import settings

from fulfilment.background.tasks import BackgroundTask
from workers.sweep import build_short_tasks, build_verification_task, run_once
from workers.sync.runs import run_due_syncs

PROCESS = "celery"
BACKGROUND_TASKS: Mapping[str, Callable[[], list[BackgroundTask]]] = {
    "workers.converge": build_short_tasks,
    "workers.sync_due": lambda: [BackgroundTask("scheduled readings", run_due_syncs, settings.SYNC_EVERY)],
    "workers.verify_audit": lambda: [build_verification_task()],
}
"""What each task does, by its name. No exception leaves a task; see `fulfilment.background.tasks`."""


@cache
def get_background_tasks(name: str) -> tuple[BackgroundTask, ...]:
    """Kept for the life of the process, so that a task that fails backs off, however often messages come."""
    return tuple(BACKGROUND_TASKS[name]())


@shared_task(name="workers.converge")
def run_short_tasks(**_later: Any) -> None:
    """Do at once what the sweep would do within seconds."""
    run_once(get_background_tasks("workers.converge"), PROCESS)


@shared_task(name="workers.sync_due")
def sync_due_catalogs(**_later: Any) -> None:
    """Scheduled: sync every connected catalog that is due."""
    run_once(get_background_tasks("workers.sync_due"), PROCESS)


@shared_task(name="workers.verify_audit")
def verify_audit(**_later: Any) -> None:
    """Scheduled: verify the latest seals and the next slice of the chain."""
    run_once(get_background_tasks("workers.verify_audit"), PROCESS)
