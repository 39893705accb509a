"""One pass over a claimed scope, and the scope given back whatever came of it."""

import logging
import random
import time

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

from fulfilment.models import Scope
from workers.claim import FencedError, Lease, release
from workers.journal import Pass
from workers.lasting import lasting
from workers.prerequisites import catalog_round
from workers.settle import seconds_until, settle
from workers.shares import share_round

logger = logging.getLogger(__name__)
FIRST_WAIT, LONGEST_WAIT = 0.2, 60.0
KNOCK_EVERY = 0.2
"""Seconds between two tries to speak to a database that went away."""


def run(lease: Lease) -> None:
    """Run one round and give the scope back, whatever came of it; a lost lease is left to its new owner."""
    try:
        with lasting(lease):
            passed = _run(lease)
    except FencedError as error:
        logger.info("%s", error)
        return
    except DatabaseError:
        _give_back(lease)
        raise
    except Exception:  # a fault met in one scope must not stop the others; the log has it whole
        logger.exception("the round of %s ended in a fault", lease.scope.key)
        passed = Pass(failed=True)
    failures = failures_after(lease.scope.failures, passed)
    wait = passed.wait if passed.wait is not None else backoff(failures)
    scan_in = wait if passed.unread else settings.SCAN_EVERY
    release(lease, wait=wait, scan_in=scan_in, failures=failures, converged=passed.converged)


def _give_back(lease: Lease) -> None:
    """The database went away in the round, and we did not: as soon as it is there again the scope is free, and nobody
    waits for the lease to run out. What was sent is settled by the next round, by its own deadline.
    """
    failures, until = lease.scope.failures + 1, time.monotonic() + settings.LEASE
    while time.monotonic() < until:
        connection.close()
        try:
            release(lease, wait=backoff(failures), scan_in=0, failures=failures)
        except DatabaseError:
            time.sleep(KNOCK_EVERY)
        else:
            return


def failures_after(before: int, passed: Pass) -> int:
    """Failures in a row that count for the back-off: a round in which some call went through begins anew."""
    if passed.unread:
        return before
    if not passed.failed:
        return 0
    return 1 if passed.progressed else before + 1


def backoff(failures: int) -> float:
    """Seconds to wait after so many failures in a row: doubled each time, with jitter, a minute at most."""
    if failures == 0:
        return 0.0
    doubled = FIRST_WAIT * 2.0 ** min(failures - 1, 20)
    return min(doubled, LONGEST_WAIT) * random.uniform(0.5, 1.5)  # noqa: S311


def _run(lease: Lease) -> Pass:
    open_until = settle(lease)
    if open_until is not None:
        return Pass(wait=seconds_until(open_until) + 0.01, unread=True)
    if lease.scope.kind == Scope.Kind.CATALOG:
        return catalog_round(lease)
    return share_round(lease)
