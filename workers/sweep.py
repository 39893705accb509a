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
from workers.deliver import deliver
from workers.expire import expire_due, warn_due
from workers.overdue import press_overdue
from workers.role_queries import query_asked
from workers.sync import sync_requested
from workers.sync_events import listen_until
from workers.trails import read_trails

logger = logging.getLogger(__name__)


def sweep(stop: threading.Event = NEVER) -> None:
    """One pass: read catalogs that were asked for, end what has run out, check, run the scopes that are due, read
    trails, tell.
    """
    sync_requested(stop)
    _look_around()
    converge(stop=stop)
    read_trails(stop)
    deliver()


def _look_around() -> None:
    expire_due()
    check_asked()
    query_asked()


def keep_house() -> None:
    """What is in no hurry: warnings of ends, reminders, counts of uses; some of what is old is removed."""
    now = database_now()
    warn_due()
    press_overdue()
    count_uses(now)
    forget_old(now=now)


def seal_all() -> None:
    """Seal until no event waits."""
    using = "sealer" if "sealer" in connections else "default"
    while seal_pending(using=using):
        pass


def sweep_until(stop: threading.Event) -> None:
    """Each at its own pace, in threads: sealing, what has run out and what people ask, telling, keeping house, reading
    catalogs and trails, listening to events; and here the engine, which looks often: a look of it costs little.

    The round that runs is finished. A reading or a check breaks off, and is begun anew by whoever looks next.
    """
    beside: list[tuple[Callable[[], object], float]] = [
        (seal_all, settings.SEAL_EVERY),
        (_look_around, settings.SWEEP_EVERY),
        (deliver, settings.SWEEP_EVERY),
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
