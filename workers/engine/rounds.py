"""Runs one round of a claimed scope, and always releases the scope."""

import logging
import time
from functools import partial

from django.conf import settings
from django.db import DatabaseError

from background.database_errors import is_unavailable
from background.log_context import bind_log_context
from fulfilment.health.models import RoundTotal
from fulfilment.rounds.models import Scope
from kernel.backoff import compute_backoff
from workers.engine.catalog_round import run_catalog_round
from workers.engine.claim import FencedError, Lease, release_scope
from workers.engine.database_retry import retry_write
from workers.engine.lease_renewal import extend_lease_between_reads
from workers.engine.round_counts import classify_round, count_round
from workers.engine.round_records import RoundResult
from workers.engine.settle import compute_seconds_until, settle_calls
from workers.engine.share_round import run_share_round

logger = logging.getLogger(__name__)
INITIAL_WAIT, MAX_WAIT = 0.2, 60.0


def run_scope_round(lease: Lease) -> None:
    """Run one round, release the scope and count the round by its outcome. Raises unexpected exceptions of the round."""
    began, outcome = time.monotonic(), RoundTotal.Outcome.FAILED
    try:
        with bind_log_context(scope=lease.scope.key):
            outcome = _run_and_release(lease)
    finally:
        count_round(lease.scope.kind, outcome, time.monotonic() - began)


def _run_and_release(lease: Lease) -> RoundTotal.Outcome:
    """The scope is released also after an unexpected exception, which is raised. If the lease was lost, the scope is left
    to its new owner.
    """
    try:
        with extend_lease_between_reads(lease):
            passed = _settle_and_run(lease)
    except FencedError as error:
        logger.info("%s", error)
        return RoundTotal.Outcome.FENCED
    except DatabaseError as error:
        _release_after_error(lease, error)
        raise
    except Exception:
        _release(lease, RoundResult(has_failed=True, is_unread=True))
        raise
    _release(lease, passed)
    return classify_round(passed)


def _release(lease: Lease, passed: RoundResult) -> None:
    failures = count_failures(lease.scope.failures, passed)
    wait = passed.wait if passed.wait is not None else compute_wait(failures)
    scan_in = (
        wait
        if passed.is_too_early or passed.has_failed or passed.awaits_refusal_retry
        else settings.SCAN_EVERY
    )
    retry_write(
        partial(
            release_scope,
            lease,
            wait=wait,
            scan_in=scan_in,
            failures=failures,
            converged=passed.has_converged,
            keeps_wakes=passed.is_unread,
        )
    )


def _release_after_error(lease: Lease, error: DatabaseError) -> None:
    """The round broke off, and we did not: nobody waits for the lease to run out. A database that went away says nothing
    of the scope, which is due as soon as it is there again. What was sent without an answer is settled by the next round.
    """
    failures = lease.scope.failures + (0 if is_unavailable(error) else 1)
    wait = 0.0 if is_unavailable(error) else compute_wait(failures)
    retry_write(partial(release_scope, lease, wait=wait, scan_in=0, failures=failures, keeps_wakes=True))


def count_failures(before: int, passed: RoundResult) -> int:
    """Failures in a row that count for the back-off: a round in which some call went through begins anew, and an account
    that does not answer says nothing of the scope.
    """
    if passed.is_too_early or passed.is_unreachable or passed.awaits_refusal_retry:
        return before
    if not passed.has_failed:
        return 0
    return 1 if passed.has_progressed else before + 1


def compute_wait(failures: int) -> float:
    """Seconds until the scope is due again."""
    return compute_backoff(failures, initial=INITIAL_WAIT, maximum=MAX_WAIT, jitter=0.5)


def _settle_and_run(lease: Lease) -> RoundResult:
    open_until = settle_calls(lease)
    if open_until is not None:
        return RoundResult(wait=compute_seconds_until(open_until) + 0.01, is_too_early=True, is_unread=True)
    if lease.scope.kind == Scope.Kind.CATALOG:
        return run_catalog_round(lease)
    return run_share_round(lease)
