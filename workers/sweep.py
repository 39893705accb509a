"""The truth behind the bell: what rows ask for, done again and again, without a broker."""

import logging
import threading
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.db import Error, connections

from audit.sealing import seal_pending
from workers.checkup import check_asked
from workers.converge import NEVER, converge
from workers.expire import expire_due
from workers.sync import sync_requested

logger = logging.getLogger(__name__)


def sweep(stop: threading.Event = NEVER) -> None:
    """One pass: end what has run out, read and check what was asked for, run the scopes that are due."""
    expire_due()
    sync_requested()
    check_asked()
    converge(stop=stop)


def seal_all() -> None:
    """Seal until no event waits."""
    using = "sealer" if "sealer" in connections else "default"
    while seal_pending(using=using):
        pass


def sweep_until(stop: threading.Event) -> None:
    """Sweep in this thread and seal in another, each at its own pace; the round that runs is finished."""
    sealer = threading.Thread(target=repeat, args=[seal_all, settings.SEAL_EVERY, stop], daemon=True)
    sealer.start()
    repeat(partial(sweep, stop), settings.SWEEP_EVERY, stop)
    sealer.join(timeout=settings.SEAL_EVERY + 1)


def repeat(work: Callable[[], None], every: float, stop: threading.Event) -> None:
    """Do `work` every so many seconds. A database that went away is nothing lost: the next pass does it."""
    while not stop.wait(every):
        try:
            work()
        except Error as error:
            logger.warning("%s; trying again", error)
            connections.close_all()
