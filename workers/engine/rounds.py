"""Runs one round of a claimed scope, and always releases the scope."""

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Max, Subquery

from background.log_context import bind_log_context
from background.tasks import is_unavailable
from fulfilment.health import RoundTotal
from fulfilment.rounds import Round, Scope, Step, WriteInFlight
from kernel.backoff import compute_backoff
from kernel.duration_counter import CountRow, DurationCounter, list_columns
from workers.aws.errors import between_reads
from workers.engine.catalog_round import run_catalog_round
from workers.engine.claim import FencedError, Lease, claim_scope, lock_scope, release_scope, short_transaction
from workers.engine.round_records import RoundResult
from workers.engine.send import retry_write
from workers.engine.share_round import run_share_round

ADD_TO_TOTALS = """
INSERT INTO fulfilment_roundtotal AS t (kind, outcome, rounds, seconds)
SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::float8[])
ON CONFLICT (kind, outcome) DO UPDATE SET rounds = t.rounds + excluded.rounds, seconds = t.seconds + excluded.seconds
"""
EXTENSIONS_PER_LEASE = 3
"""The lease is extended after each third of it."""
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
        # The round broke off, and we did not: nobody waits for the lease to run out. A database that went
        # away says nothing of the scope, which is due as soon as it is there again. What was sent without an
        # answer is settled by the next round.
        failures = lease.scope.failures + (0 if is_unavailable(error) else 1)
        wait = 0.0 if is_unavailable(error) else compute_wait(failures)
        retry_write(partial(release_scope, lease, wait=wait, scan_in=0, failures=failures, keeps_wakes=True))
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
        # Seconds by the database's clock; 0 if the time has passed.
        with connection.cursor() as cursor:
            cursor.execute("SELECT greatest(0, extract(epoch FROM %s - clock_timestamp()))", [open_until])
            row = cursor.fetchone()
        assert row is not None
        return RoundResult(wait=float(row[0]) + 0.01, is_too_early=True, is_unread=True)
    if lease.scope.kind == Scope.Kind.CATALOG:
        return run_catalog_round(lease)
    return run_share_round(lease)


# Extends the lease of a round between its calls to AWS, so that a reading may last longer than a lease.
# Without this, each worker that takes the scope over would lose its lease in turn, and no round would finish.
@dataclass
class _LeaseExtender:
    """Renews the lease when a part of it has passed. FencedError when another worker has the scope."""

    lease: Lease
    extended_at: float

    def __call__(self) -> None:
        if (
            connection.in_atomic_block
            or monotonic() - self.extended_at < settings.LEASE / EXTENSIONS_PER_LEASE
        ):
            return
        with short_transaction():
            lock_scope(self.lease)
        self.extended_at = monotonic()


@contextmanager
def extend_lease_between_reads(lease: Lease) -> Iterator[None]:
    """Renew the lease between the reading calls made inside the block."""
    with between_reads(_LeaseExtender(lease, monotonic())):
        yield


def settle_calls(lease: Lease) -> datetime | None:
    """Close settled calls and free their slots; returns the time until which the scope must wait, or None.

    A killed worker's call still lands, and a listing may show for a while what was before the last call (field
    report: terraform-provider-aws, comments on revokes): until then the scope is neither planned nor proven.
    """
    with short_transaction():
        lock_scope(lease)
        unanswered = Step.objects.filter(round__scope=lease.scope, outcome=Step.Outcome.SENT)
        waiting = [step for step in unanswered if step.open_until and step.open_until > lease.began_at]
        settled = [step.pk for step in unanswered if step not in waiting]
        WriteInFlight.objects.filter(step_id__in=settled).delete()
        Step.objects.filter(pk__in=settled).update(outcome=Step.Outcome.UNKNOWN)
        # When the changes of the scope's last round are visible. Older rounds were visible before it was
        # sent.
        latest = Round.objects.filter(scope=lease.scope).order_by("-pk").values("pk")[:1]
        answered = Step.objects.filter(round=Subquery(latest)).aggregate(last=Max("answered_at"))["last"]
        shown_from = answered + timedelta(seconds=settings.VISIBILITY_DELAY) if answered else None
    until = [step.open_until for step in waiting if step.open_until]
    if shown_from and shown_from > lease.began_at:
        until.append(shown_from)
    return max(until, default=None)


def classify_round(result: RoundResult) -> RoundTotal.Outcome:
    if result.has_failed:
        return RoundTotal.Outcome.FAILED
    if result.has_converged:
        return RoundTotal.Outcome.CONVERGED
    if result.is_too_early or result.is_unreachable or result.awaits_refusal_retry:
        return RoundTotal.Outcome.WAITING
    return RoundTotal.Outcome.SENT


def _add_to_totals(rows: list[CountRow]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ADD_TO_TOTALS, list_columns(rows))


_counter = DurationCounter(_add_to_totals)
count_round = _counter.count
write_round_counts = _counter.write


def build_owner_name() -> str:
    """Name of a lease's owner: host, process, thread."""
    return f"{socket.gethostname()}-{os.getpid()}-{threading.get_ident() % 10_000}"[:80]


def converge_scope(scope_id: int) -> bool:
    """Run a round of the scope; returns False if it is not due or another worker has it.

    A worker that is told to stop finishes its round, as the lease would block other workers until it expires.
    """
    claimed = claim_scope(build_owner_name(), scope_id)
    if claimed is None:
        return False
    run_scope_round(claimed)
    return True
