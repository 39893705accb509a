"""The truth behind the bell: what rows ask for, done again and again, without a broker."""

import logging
import threading
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.db import Error, connections

from audit.clock import now as database_now
from audit.sealing import seal_pending
from requests_app.notices.forgetting import forget_old
from requests_app.uses import count_uses
from workers.checkup import check_asked
from workers.converge import NEVER, converge
from workers.expire import expire_due, warn_due
from workers.leavers import report_departures
from workers.mail import send_letters
from workers.overdue import press_overdue
from workers.role_queries import query_asked
from workers.sync import sync_requested
from workers.sync_events import listen_until
from workers.tell import tell
from workers.trails import read_trails
from workers.webhooks import send_deliveries

logger = logging.getLogger(__name__)


def sweep(stop: threading.Event = NEVER) -> None:
    """One pass: read catalogs that were asked for, end what has run out, check, run the scopes that are due, read
    trails, tell.
    """
    sync_requested(stop)
    expire_due()
    _look_as_asked()
    converge(stop=stop)
    read_trails(stop)
    tell()
    _send_letters()
    _send_deliveries()


def _look_as_asked() -> None:
    check_asked()
    query_asked()


def _send_letters() -> None:
    send_letters(now=database_now())


def _send_deliveries() -> None:
    send_deliveries(now=database_now())


def keep_house() -> None:
    """What is in no hurry: warnings of ends, reminders, what leavers leave behind, counts of uses; some of what is old is removed."""
    now = database_now()
    warn_due()
    press_overdue()
    report_departures()
    count_uses(now)
    forget_old(now=now)


def seal_all() -> None:
    """Seal until no event waits."""
    using = "sealer" if "sealer" in connections else "default"
    while seal_pending(using=using):
        pass


def sweep_until(stop: threading.Event) -> None:
    """Each at its own pace, in threads, so that nothing waits for a mail server, a foreign system or an account that is slow
    to answer but what speaks to it; and here the engine, which looks often: a look of it costs little.

    The round that runs is finished. A reading or a check breaks off, and is begun anew by whoever looks next.
    """
    beside: list[tuple[Callable[[], object], float]] = [
        (seal_all, settings.SEAL_EVERY),
        (expire_due, settings.SWEEP_EVERY),
        (_look_as_asked, settings.SWEEP_EVERY),
        (tell, settings.SWEEP_EVERY),
        (_send_letters, settings.SWEEP_EVERY),
        (_send_deliveries, settings.SWEEP_EVERY),
        (keep_house, settings.HOUSEKEEPING_EVERY),
        (partial(read_trails, stop), settings.TRAIL_EVERY),
        (partial(listen_until, stop), 1.0),
        *[(partial(sync_requested, stop), settings.SWEEP_EVERY)] * settings.SYNC_CATALOGS,
    ]
    threads = [
        threading.Thread(target=repeat, args=[work, every, stop], daemon=True) for work, every in beside
    ]
    for thread in threads:
        thread.start()
    repeat(partial(converge, stop=stop), settings.CLAIM_EVERY, stop)
    for thread in threads:
        thread.join(timeout=settings.SEAL_EVERY + 1)


def repeat(work: Callable[[], object], every: float, stop: threading.Event) -> None:
    """Do `work` every so many seconds. A database that went away is nothing lost: the next pass does it."""
    while not stop.wait(every):
        try:
            work()
        except Error as error:
            logger.warning("%s; trying again", error)
            connections.close_all()
