"""Sends stored steps: lock slot and scope first, then call outside any transaction, then store the result."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from time import monotonic

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Func
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_delay, wait_fixed

from background.tasks import is_lock_timeout, is_transaction_timeout, is_unavailable
from fulfilment import rounds
from fulfilment.holds import Valve
from fulfilment.intents.actions import wake_scope
from fulfilment.intents.failures import REFUSED
from fulfilment.rounds import Round, StepEntry, WriteInFlight
from identity.accounts import Account
from lakeformation.planning.changes import Step
from lakeformation.planning.desired import IntentSpec
from lakeformation.values.column_sets import ALL_COLUMNS
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import Permission
from workers.aws import calls
from workers.aws.errors import RETRIED_KINDS, AwsError, ErrorKind
from workers.aws.sessions import drop_ended_sessions
from workers.aws.writes import StepResult, get_write_client, perform_step
from workers.engine.backoff import delete_refusals, record_refusal
from workers.engine.claim import FencedError, Lease, get_scope_account, lock_scope, short_transaction
from workers.engine.intents import is_filter_wanted
from workers.engine.round_records import RoundResult, close_round

RETRY_INTERVAL = 0.2
"""Seconds between two attempts while the database is unavailable."""
ACTION_TEXTS = {
    "land": "make the database",
    "unland": "remove the database",
    "make database": "make the database",
    "make table": "make the table",
    "update table": "update the columns of the table",
    "filter": "make the data cells filter on",
    "unfilter": "remove the data cells filter on",
    "opt in": "opt in to",
    "opt out": "opt out of",
    "tag": "change the",
    "untag": "change the",
    "define tag": "define the",
    "undefine tag": "remove values of the",
}
# In the order given, so that two workers that want the same resources do not wait for each other.
_TAKE_SLOTS = """
INSERT INTO fulfilment_writeinflight (account_id, region, step_id, resource)
SELECT %s, %s, %s, resource FROM unnest(%s::text[]) WITH ORDINALITY AS wanted(resource, position) ORDER BY position
ON CONFLICT (account_id, region, resource) DO NOTHING"""


class NotSentError(Exception):
    """The step was not sent: a valve is closed, the rate is used up, or the resource has a write in flight."""


@dataclass(frozen=True)
class SendResult:
    """The result of a step. `failures`: sentences by intent; `is_open`: no response, the step must settle; `done_intents`:
    intents for which an entry succeeded; `refusal_wait`: seconds until the first refused change is retried.
    """

    failures: dict[int, str]
    needs_retry: bool = False
    is_open: bool = False
    has_progressed: bool = False
    done_intents: frozenset[int] = frozenset()
    refusal_wait: float = inf


def send_step(lease: Lease, row: rounds.Step, step: Step, specs: dict[int, IntentSpec]) -> SendResult:
    """Send one step of this round. FencedError when the lease was lost before; NotSentError when it waits."""
    account = get_scope_account(lease.scope, step.catalog.account)
    # Every add must lie within the approved effects of an intent that justifies it.
    for change in step.changes:
        if isinstance(change.atom, CellsFilter) and change.action == "filter":
            _check_filter(change.atom, [specs[intent] for intent in change.intents])
        if change.action != "grant":
            continue
        assert isinstance(change.atom, Permission)
        columns = change.columns if change.columns is not None else ALL_COLUMNS
        for intent in change.intents:
            columns -= specs[intent].get_approved_columns(change.atom)
        if columns:
            raise NotSentError(f"{change.atom.verb} on {change.resource} was not approved as planned")
    _check_valves(account)
    try:
        # Before it is marked: to assume a role is a call of its own, which may take as long as the step's.
        aws = get_write_client(step, account=account, session_name=f"round-{row.round_id}")
        _mark_or_abort(lease, row, step, account)
        answer = perform_step(step, aws)
    except AwsError as error:
        drop_ended_sessions(error)
        if error.kind is ErrorKind.UNKNOWN:
            return SendResult(_describe_no_answer(step, str(error)), is_open=True)
        answer = StepResult(error.request_id, (error,) * len(step.changes))
    refused_for = _write_answer(lease, row, step, answer)
    return _build_result(step, answer, refused_for)


def _mark_or_abort(lease: Lease, row: rounds.Step, step: Step, account: Account) -> None:
    """Mark the step as sent. If the worker was delayed for too long after that, unmark it and raise NotSentError."""
    with short_transaction():
        lock_scope(lease)
        _check_valves(account)
        _take_slots(row, step)
        if not calls.take_token(row.account_id, row.region, row.operation):
            raise NotSentError(f"{row.operation} has reached its call rate limit")
        # A filter must not be removed if an intent has wanted it since the plan was made.
        for change in step.changes:
            if (
                change.action == "unfilter"
                and isinstance(change.atom, CellsFilter)
                and is_filter_wanted(change.atom)
            ):
                raise NotSentError(f"data cells filter {change.atom.name} is wanted again")
        marked = monotonic()
        open_for = settings.SHORT_TRANSACTION + settings.CALL_DEADLINE + settings.SETTLE
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE fulfilment_step SET outcome = 'sent', sent_at = clock_timestamp(),"
                " open_until = clock_timestamp() + make_interval(secs => %s) WHERE id = %s",
                [open_for, row.pk],
            )
    if monotonic() - marked > settings.SHORT_TRANSACTION:
        with short_transaction():
            lock_scope(lease)
            WriteInFlight.objects.filter(step=row).delete()
            rounds.Step.objects.filter(pk=row.pk).update(sent_at=None, open_until=None)
        raise NotSentError("the worker was delayed before it could send this")


def _check_filter(one: CellsFilter, specs: Sequence[IntentSpec]) -> None:
    """A filter must equal the approved one in rows, columns and name."""
    if not any(spec.approved_filter == one for spec in specs):
        raise NotSentError(f"data cells filter {one.name} on {one.resource} was not approved as planned")


def _check_valves(account: Account) -> None:
    closed = Valve.objects.filter(closed=True)
    for valve in closed:
        if valve.account_id in {None, account.pk}:
            raise NotSentError(f"stopped by a write control: {valve.reason}")


def _take_slots(row: rounds.Step, step: Step) -> None:
    """Before the token: who writes an answer gives back slots first and adapts the rate then, in this order. What another
    scope's call without an answer held is free once that call must have landed, though that scope may not look for long.
    """
    resources = sorted({change.resource for change in step.changes})
    here = WriteInFlight.objects.filter(account_id=row.account_id, region=row.region, resource__in=resources)
    here.filter(step__open_until__lt=Func(function="clock_timestamp")).delete()
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_SLOTS, [row.account_id, row.region, row.pk, resources])
        if cursor.rowcount < len(resources):
            raise NotSentError("another write to the same resource is in progress")


def _write_answer(lease: Lease, row: rounds.Step, step: Step, answer: StepResult) -> float:
    """Under the epoch, also where the database went away meanwhile: else what is known would be waited for as if it were
    not. Who finds the epoch lost leaves a wake, so that the late effect is looked for. Returns how many seconds what was
    refused has to wait.
    """
    failed = [error for error in answer.errors if error]
    outcome = rounds.Step.Outcome.DONE
    if failed:
        every = len(failed) == len(step.changes)
        outcome = rounds.Step.Outcome.FAILED if every else rounds.Step.Outcome.PARTIAL

    waits = [inf]

    def store() -> None:
        with short_transaction():
            lock_scope(lease)
            _store_answer(row, outcome, answer, failed)
            waits[:] = [inf, *_note_refusals(lease, step, answer)]

    try:
        retry_write(store)
    except FencedError:
        with short_transaction():
            wake_scope(scope_key=lease.scope.key, reason="an answer came late", now=lease.now)
        raise
    return min(waits)


def _note_refusals(lease: Lease, step: Step, answer: StepResult) -> list[float]:
    pairs = list(zip(step.changes, answer.errors, strict=True))
    delete_refusals(lease, (change for change, error in pairs if error is None))
    return [
        record_refusal(lease, change, error)
        for change, error in pairs
        if error and error.kind not in RETRIED_KINDS
    ]


def _store_answer(
    row: rounds.Step, outcome: rounds.Step.Outcome, answer: StepResult, failed: Sequence[AwsError]
) -> None:
    WriteInFlight.objects.filter(step=row).delete()
    throttled = any(error.kind is ErrorKind.THROTTLED for error in failed)
    calls.adapt_rate(row.account_id, row.region, row.operation, throttled=throttled)
    rounds.Step.objects.filter(pk=row.pk).update(
        outcome=outcome,
        answered_at=Func(function="clock_timestamp"),
        aws_request_id=answer.request_id,
        error_kind=failed[0].kind if failed else "",
        error=str(failed[0]) if failed else "",
    )
    for position, error in enumerate(answer.errors):
        if error:
            StepEntry.objects.filter(step=row, position=position).update(
                error_kind=error.kind, error=str(error)
            )


def _build_result(step: Step, answer: StepResult, refused_for: float) -> SendResult:
    failed: dict[int, str] = {}
    done: set[int] = set()
    for change, error in zip(step.changes, answer.errors, strict=True):
        if error is None:
            done.update(change.intents)
        elif error.kind not in RETRIED_KINDS:
            what = ACTION_TEXTS.get(change.action, change.action)
            refusal_text = (
                f"{REFUSED} to {what} {change.resource} in {change.catalog.account}: {error.message}"
            )
            failed |= dict.fromkeys(change.intents, refusal_text)
    retry = any(error and error.kind in RETRIED_KINDS for error in answer.errors)
    progressed = not all(answer.errors)
    return SendResult(
        failed,
        needs_retry=retry,
        has_progressed=progressed,
        done_intents=frozenset(done),
        refusal_wait=refused_for,
    )


def _describe_no_answer(step: Step, text: str) -> dict[int, str]:
    words = f"No answer from AWS yet ({text}); checking again."
    return {intent: words for change in step.changes for intent in change.intents}


def send_steps(lease: Lease, row: Round, steps: Sequence[Step], specs: dict[int, IntentSpec]) -> RoundResult:
    """Send the steps in order. An intent that fails stops alone; the rest, and every removal, goes on."""
    passed = RoundResult(wait=settings.VISIBILITY_DELAY)
    stored = list(row.steps.order_by("position"))
    is_retried, refused_for = False, inf
    for step, line in zip(steps, stored, strict=True):
        try:
            sent = send_step(lease, line, step, specs)
        except NotSentError as error:
            rounds.Step.objects.filter(pk=line.pk).update(
                outcome=rounds.Step.Outcome.SKIPPED, error=str(error)
            )
            sent = SendResult({}, needs_retry=True)
        passed.failures |= sent.failures
        passed.done_intents |= sent.done_intents
        passed.has_failed |= sent.needs_retry or bool(sent.failures)
        passed.has_progressed |= sent.has_progressed
        is_retried |= sent.needs_retry or sent.is_open
        refused_for = min(refused_for, sent.refusal_wait)
        if sent.is_open:
            break
    if passed.has_failed:
        # If changes were only refused, the next round is due when the first may be retried.
        passed.wait = None if is_retried or passed.has_progressed or refused_for == inf else refused_for
    close_round(lease, row, passed)
    return passed


def retry_write(write: Callable[[], None]) -> None:
    """Call `write`, and retry on outages, timeouts and lock timeouts for the duration of a lease.
    `write` must be one transaction and idempotent, as a commit may have succeeded although its response was lost.
    """
    retrying = Retrying(
        retry=retry_if_exception(_is_transient),
        stop=stop_after_delay(settings.LEASE),
        wait=wait_fixed(RETRY_INTERVAL),
        before_sleep=_close_connection,
        reraise=True,
    )
    retrying(write)


def _is_transient(error: BaseException) -> bool:
    return isinstance(error, DatabaseError) and (
        is_unavailable(error) or is_transaction_timeout(error) or is_lock_timeout(error)
    )


def _close_connection(attempt: RetryCallState) -> None:
    """Close the connection before the next attempt, except after a lock timeout."""
    error = attempt.outcome and attempt.outcome.exception()
    if isinstance(error, DatabaseError) and not is_lock_timeout(error):
        connection.close()
