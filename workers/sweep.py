"""The sweep: every part of the workers' work, repeated from what rows ask for, without a broker."""

import threading
from collections.abc import Iterable
from functools import partial

from django.conf import settings

from audit.clock import now as database_now
from fulfilment.background.health import SWEEP, forget_gone_processes
from fulfilment.background.parts import Part, run_until
from requests_app.grants.usage import count_uses
from requests_app.notifications.retention import delete_old_rows
from workers.accounts.checkup import check_asked
from workers.accounts.role_queries import query_asked
from workers.cloudtrail.log_files import read_trails
from workers.engine.due_scopes import converge
from workers.housekeeping.audit_sealing import seal_all
from workers.housekeeping.audit_verification import verify_recent_and_slice
from workers.housekeeping.grant_expiry import expire_due, warn_due
from workers.housekeeping.leavers import report_departures
from workers.housekeeping.sla_reminders import press_overdue
from workers.outbox.mail import send_letters
from workers.outbox.projection import tell
from workers.outbox.webhooks import send_deliveries
from workers.stop import NEVER
from workers.sync.events import EventQueues
from workers.sync.runs import sync_requested


def engine(stop: threading.Event = NEVER) -> Part:
    """The rounds of scopes that are due. A look costs little, so that it looks often."""
    return Part("engine", partial(converge, stop=stop), settings.CLAIM_EVERY)


def short_parts(stop: threading.Event = NEVER) -> list[Part]:
    """What one pass does, in this order, and a message of the broker may ask for."""
    often = settings.SWEEP_EVERY
    return [
        Part("catalog readings", partial(sync_requested, stop), often),
        Part("expiry", expire_due, often),
        Part("account check-ups", check_asked, often),
        Part("role queries", query_asked, often),
        engine(stop),
        Part("usage trails", partial(read_trails, stop), settings.TRAIL_EVERY),
        Part("notices", tell, often),
        Part("mail", _send_letters, often),
        Part("webhooks", _send_deliveries, often),
    ]


def housekeeping() -> list[Part]:
    """What is in no hurry."""
    every = settings.HOUSEKEEPING_EVERY
    return [
        Part("end warnings", warn_due, every),
        Part("reminders", press_overdue, every),
        Part("leavers", report_departures, every),
        Part("use counts", _count_uses, every),
        Part("clean-up", _clean_up, every),
    ]


def sealing() -> Part:
    return Part("sealing", seal_all, settings.SEAL_EVERY)


def verification() -> Part:
    return Part("audit verification", verify_recent_and_slice, settings.AUDIT_VERIFY_EVERY)


def threads_of(stop: threading.Event) -> list[list[Part]]:
    """Every part of the sweep, by the thread that does it: what waits for others, a mail server, a foreign system, an
    account that is slow to answer, has a thread of its own. The last is the main thread's.
    """
    short = {part.name: part for part in short_parts(stop)}
    alone = ("expiry", "account check-ups", "role queries", "usage trails", "notices", "mail", "webhooks")
    return [
        [sealing()],
        *[[short[name]] for name in alone],
        housekeeping(),
        [verification()],
        [Part("catalog events", partial(EventQueues().look, stop), 0.0)],
        *[
            [Part(f"catalog readings {number}", partial(sync_requested, stop), settings.SWEEP_EVERY)]
            for number in range(1, settings.SYNC_CATALOGS + 1)
        ],
        [short["engine"]],
    ]


def sweep_until(stop: threading.Event) -> None:
    """Run all parts until `stop`. No exception ends a thread; see `fulfilment.background.parts`.

    The round that runs is finished. A reading or a check breaks off, and is begun anew by whoever looks next.
    """
    *beside, main = threads_of(stop)
    threads = [
        threading.Thread(target=run_until, args=[stop, parts, SWEEP], name=parts[0].name, daemon=True)
        for parts in beside
    ]
    for thread in threads:
        thread.start()
    run_until(stop, main, SWEEP)
    for thread in threads:
        thread.join(timeout=settings.SEAL_EVERY + 1)


def pass_once(parts: Iterable[Part], process: str) -> list[str]:
    """Do each part once, but those that failed and are not due again; names of those that failed."""
    return [part.name for part in parts if not part.is_backing_off and not part.attempt(process)]


def _send_letters() -> None:
    send_letters(now=database_now())


def _send_deliveries() -> None:
    send_deliveries(now=database_now())


def _count_uses() -> None:
    count_uses(database_now())


def _clean_up() -> None:
    delete_old_rows(now=database_now())
    forget_gone_processes()
