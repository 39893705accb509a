"""One pass over a claimed scope, and the scope given back whatever came of it."""

import logging
from functools import partial

from django.conf import settings
from django.db import DatabaseError

from fulfilment.background.database_errors import is_away
from fulfilment.background.health import report_round_failure, report_round_success
from fulfilment.background.parts import log_fault
from fulfilment.backoff import backoff
from fulfilment.rounds.models import Scope
from workers.engine.catalog_round import catalog_round
from workers.engine.claim import FencedError, Lease, release
from workers.engine.database_retry import when_it_answers
from workers.engine.lease_renewal import lasting
from workers.engine.round_records import Pass
from workers.engine.settle import seconds_until, settle
from workers.engine.share_round import share_round

logger = logging.getLogger(__name__)
FIRST_WAIT, LONGEST_WAIT = 0.2, 60.0


def run(lease: Lease) -> None:
    """Run one round and give the scope back, whatever came of it; a lost lease is left to its new owner."""
    try:
        with lasting(lease):
            passed = _run(lease)
    except FencedError as error:
        logger.info("%s", error)
        return
    except DatabaseError as error:
        _give_back(lease, error)
        raise
    except Exception as error:  # noqa: BLE001 - a fault met in one scope must not stop the others: logged and shown
        error_id = log_fault(f"the round of {lease.scope.key}", error)
        when_it_answers(partial(report_round_failure, lease.scope.key, error, error_id))
        passed = Pass(failed=True)
    else:
        if lease.scope.failures:
            report_round_success(lease.scope.key)
    failures = failures_after(lease.scope.failures, passed)
    wait = passed.wait if passed.wait is not None else wait_after(failures)
    scan_in = wait if passed.unread or passed.failed or passed.held_off else settings.SCAN_EVERY
    when_it_answers(
        partial(release, lease, wait=wait, scan_in=scan_in, failures=failures, converged=passed.converged)
    )


def _give_back(lease: Lease, error: DatabaseError) -> None:
    """The round broke off, and we did not: nobody waits for the lease to run out. A database that went away says nothing
    of the scope, which is due as soon as it is there again. What was sent without an answer is settled by the next round.
    """
    failures = lease.scope.failures + (0 if is_away(error) else 1)
    wait = 0.0 if is_away(error) else wait_after(failures)
    when_it_answers(partial(release, lease, wait=wait, scan_in=0, failures=failures))


def failures_after(before: int, passed: Pass) -> int:
    """Failures in a row that count for the back-off: a round in which some call went through begins anew, and an account
    that does not answer says nothing of the scope.
    """
    if passed.unread or passed.silent or passed.held_off:
        return before
    if not passed.failed:
        return 0
    return 1 if passed.progressed else before + 1


def wait_after(failures: int) -> float:
    """Seconds until the scope is due again."""
    return backoff(failures, first=FIRST_WAIT, longest=LONGEST_WAIT, jitter=0.5)


def _run(lease: Lease) -> Pass:
    open_until = settle(lease)
    if open_until is not None:
        return Pass(wait=seconds_until(open_until) + 0.01, unread=True)
    if lease.scope.kind == Scope.Kind.CATALOG:
        return catalog_round(lease)
    return share_round(lease)
