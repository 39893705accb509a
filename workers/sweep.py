"""The sweep: runs all background tasks of the workers from stored rows, without a broker."""

import threading
from collections.abc import Iterable
from functools import partial

from django.conf import settings

from audit.clock import now as database_now
from fulfilment.background.health import SWEEP, delete_stale_task_health
from fulfilment.background.tasks import BackgroundTask, run_until
from requests_app.grants.usage import count_uses
from requests_app.notifications.retention import delete_old_rows
from workers.accounts.checkup import run_requested_checkups
from workers.accounts.role_queries import run_requested_queries
from workers.cloudtrail.log_files import read_trails
from workers.engine.due_scopes import run_due_rounds
from workers.housekeeping.audit_sealing import seal_pending_events
from workers.housekeeping.audit_verification import verify_recent_and_slice
from workers.housekeeping.grant_expiry import expire_due_grants, warn_of_expiry
from workers.housekeeping.leavers import report_departures
from workers.housekeeping.sla_reminders import remind_of_overdue_items
from workers.outbox.mail import send_due_mails
from workers.outbox.projection import create_notifications
from workers.outbox.webhooks import send_deliveries
from workers.stop import NEVER
from workers.sync.events import EventQueues
from workers.sync.runs import run_requested_syncs


def build_engine_task(stop: threading.Event = NEVER) -> BackgroundTask:
    """Runs rounds of due scopes. Its interval is short, as finding none is cheap."""
    return BackgroundTask("engine", partial(run_due_rounds, stop=stop), settings.CLAIM_EVERY)


def build_short_tasks(stop: threading.Event = NEVER) -> list[BackgroundTask]:
    """Tasks of one pass, in order; the Celery task `workers.converge` runs them, too."""
    often = settings.SWEEP_EVERY
    return [
        BackgroundTask("catalog readings", partial(run_requested_syncs, stop), often),
        BackgroundTask("expiry", expire_due_grants, often),
        BackgroundTask("account check-ups", run_requested_checkups, often),
        BackgroundTask("role queries", run_requested_queries, often),
        build_engine_task(stop),
        BackgroundTask("usage trails", partial(read_trails, stop), settings.TRAIL_EVERY),
        BackgroundTask("notices", create_notifications, often),
        BackgroundTask("mail", _send_due_mails, often),
        BackgroundTask("webhooks", _send_deliveries, often),
    ]


def build_housekeeping_tasks() -> list[BackgroundTask]:
    """Tasks with a long interval."""
    every = settings.HOUSEKEEPING_EVERY
    return [
        BackgroundTask("end warnings", warn_of_expiry, every),
        BackgroundTask("reminders", remind_of_overdue_items, every),
        BackgroundTask("leavers", report_departures, every),
        BackgroundTask("use counts", _count_uses, every),
        BackgroundTask("clean-up", _clean_up, every),
    ]


def build_sealing_task() -> BackgroundTask:
    return BackgroundTask("sealing", seal_pending_events, settings.SEAL_EVERY)


def build_verification_task() -> BackgroundTask:
    return BackgroundTask("audit verification", verify_recent_and_slice, settings.AUDIT_VERIFY_EVERY)


def build_threads(stop: threading.Event) -> list[list[BackgroundTask]]:
    """Tasks of the sweep by thread. A task that waits for a mail server, a foreign system or an account has
    its own thread. The last list is run in the main thread.
    """
    short = {part.name: part for part in build_short_tasks(stop)}
    alone = ("expiry", "account check-ups", "role queries", "usage trails", "notices", "mail", "webhooks")
    return [
        [build_sealing_task()],
        *[[short[name]] for name in alone],
        build_housekeeping_tasks(),
        [build_verification_task()],
        [BackgroundTask("catalog events", partial(EventQueues().poll, stop), 0.0)],
        *[
            [
                BackgroundTask(
                    f"catalog readings {number}", partial(run_requested_syncs, stop), settings.SWEEP_EVERY
                )
            ]
            for number in range(1, settings.SYNC_CATALOGS + 1)
        ],
        [short["engine"]],
    ]


def run_sweep(stop: threading.Event) -> None:
    """Run all tasks until `stop`. No exception ends a thread; see `fulfilment.background.tasks`.

    A running round is finished. A sync or a check-up is interrupted, and the next process starts it again.
    """
    *beside, main = build_threads(stop)
    threads = [
        threading.Thread(target=run_until, args=[stop, parts, SWEEP], name=parts[0].name, daemon=True)
        for parts in beside
    ]
    for thread in threads:
        thread.start()
    run_until(stop, main, SWEEP)
    for thread in threads:
        thread.join(timeout=settings.SEAL_EVERY + 1)


def run_once(tasks: Iterable[BackgroundTask], process: str) -> list[str]:
    """Run each task once, except those that are backing off; returns the names of those that failed."""
    return [part.name for part in tasks if not part.is_backing_off and not part.run(process)]


def _send_due_mails() -> None:
    send_due_mails(now=database_now())


def _send_deliveries() -> None:
    send_deliveries(now=database_now())


def _count_uses() -> None:
    count_uses(database_now())


def _clean_up() -> None:
    delete_old_rows(now=database_now())
    delete_stale_task_health()
