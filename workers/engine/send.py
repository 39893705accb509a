"""Send a stored step: slot and lease first, then the call outside any transaction, then its answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from time import monotonic

from django.conf import settings
from django.db import IntegrityError, connection
from django.db.models import Func

from fulfilment.holds.models import Valve
from fulfilment.intents.actions import wake
from fulfilment.intents.failures import REFUSED
from fulfilment.rounds import models
from fulfilment.rounds.models import Entry, InFlight, Round
from identity.accounts.models import Account
from lakeformation.planning.changes import Change, Step
from lakeformation.planning.desired import Wish
from lakeformation.values.column_sets import EVERY
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import Permission
from workers.aws import rate_limit
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.sessions import forget
from workers.aws.writes import Answer, perform, writer
from workers.engine.claim import FencedError, Lease, account_of, hold, short_transaction
from workers.engine.database_retry import when_it_answers
from workers.engine.intents import is_wanted
from workers.engine.refusal_backoff import forget_refusals, note_refusal
from workers.engine.round_records import Pass, close

WORDS = {
    "land": "make the database",
    "unland": "remove the database",
    "filter": "make the data cells filter on",
    "unfilter": "remove the data cells filter on",
    "opt in": "opt in to",
    "opt out": "opt out of",
}
RETRIED = frozenset({ErrorKind.THROTTLED, ErrorKind.CONFLICT, ErrorKind.ENDED, ErrorKind.UNKNOWN})
"""Of an entry in a batch that was answered; a call without an answer settles first."""


class NotSentError(Exception):
    """The step was not sent: a valve is closed, the rate is used up, or the resource has a write in flight."""


@dataclass(frozen=True)
class Sent:
    """What came of a step. `failed`: by intent, the sentence; `is_open`: no answer, the step must settle; `done`:
    intents for whose sake an entry went through; `refused_for`: seconds until what was refused is tried again.
    """

    failed: dict[int, str]
    retry: bool = False
    is_open: bool = False
    progressed: bool = False
    done: frozenset[int] = frozenset()
    refused_for: float = inf


def send(lease: Lease, row: models.Step, step: Step, wishes: dict[int, Wish]) -> Sent:
    """Send one step of this round. FencedError when the lease was lost before; NotSentError when it waits."""
    account = account_of(lease.scope, step.place.account)
    _check_approved(step, wishes)
    _check_valves(account)
    try:
        # Before it is marked: to assume a role is a call of its own, which may take as long as the step's.
        aws = writer(step, account=account, session_name=f"round-{row.round_id}")
        _begin(lease, row, step, account)
        answer = perform(step, aws)
    except AwsError as error:
        forget(error)
        if error.kind is ErrorKind.UNKNOWN:
            return Sent(_everyone(step, str(error)), is_open=True)
        answer = Answer(error.request_id, (error,) * len(step.changes))
    refused_for = _write_answer(lease, row, step, answer)
    return _outcome(step, answer, refused_for)


def _begin(lease: Lease, row: models.Step, step: Step, account: Account) -> None:
    """Mark the step as sent, to be sent at once: what was held up for longer than it is waited for is not sent at all."""
    with short_transaction():
        hold(lease)
        _check_valves(account)
        _take_slots(row, step)
        _take_token(row)
        _check_unwanted(step)
        marked = monotonic()
        _mark_sent(row)
    if monotonic() - marked > settings.SHORT_TRANSACTION:
        with short_transaction():
            hold(lease)
            InFlight.objects.filter(step=row).delete()
            models.Step.objects.filter(pk=row.pk).update(sent_at=None, open_until=None)
        raise NotSentError("the worker was delayed before it could send this")


def _check_approved(step: Step, wishes: dict[int, Wish]) -> None:
    """Every add must lie within the approved effects of an intent that justifies it."""
    for change in step.changes:
        if isinstance(change.atom, CellsFilter) and change.action == "filter":
            _check_filter(change.atom, [wishes[intent] for intent in change.intents])
        if change.action != "grant":
            continue
        assert isinstance(change.atom, Permission)
        columns = change.columns if change.columns is not None else EVERY
        for intent in change.intents:
            columns -= wishes[intent].approved_columns(change.atom)
        if columns:
            raise NotSentError(f"{change.atom.verb} on {change.resource} was not approved as planned")


def _check_filter(one: CellsFilter, wishes: Sequence[Wish]) -> None:
    """A filter is made as it was approved: rows, columns and name."""
    if not any(wish.approved_filter == one for wish in wishes):
        raise NotSentError(f"data cells filter {one.name} on {one.resource} was not approved as planned")


def _check_unwanted(step: Step) -> None:
    """A filter that someone has agreed to since it was planned for removal stays."""
    for change in step.changes:
        if change.action == "unfilter" and isinstance(change.atom, CellsFilter) and is_wanted(change.atom):
            raise NotSentError(f"data cells filter {change.atom.name} is wanted again")


def _check_valves(account: Account) -> None:
    closed = Valve.objects.filter(closed=True)
    for valve in closed:
        if valve.account_id in {None, account.pk}:
            raise NotSentError(f"stopped by a write control: {valve.reason}")


def _take_token(row: models.Step) -> None:
    if not rate_limit.take(row.account_id, row.region, row.operation):
        raise NotSentError(f"{row.operation} has reached its call rate limit")


def _take_slots(row: models.Step, step: Step) -> None:
    """Before the token: who writes an answer gives back slots first and adapts the rate then, in this order. What another
    scope's call without an answer held is free once that call must have landed, though that scope may not look for long.
    """
    resources = sorted({change.resource for change in step.changes})
    here = InFlight.objects.filter(account_id=row.account_id, region=row.region, resource__in=resources)
    here.filter(step__open_until__lt=Func(function="clock_timestamp")).delete()
    try:
        InFlight.objects.bulk_create(
            InFlight(account_id=row.account_id, region=row.region, resource=resource, step=row)
            for resource in resources
        )
    except IntegrityError as error:
        raise NotSentError("another write to the same resource is in progress") from error


def _mark_sent(row: models.Step) -> None:
    open_for = settings.SHORT_TRANSACTION + settings.CALL_DEADLINE + settings.SETTLE
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE fulfilment_step SET outcome = 'sent', sent_at = clock_timestamp(),"
            " open_until = clock_timestamp() + make_interval(secs => %s) WHERE id = %s",
            [open_for, row.pk],
        )


def _write_answer(lease: Lease, row: models.Step, step: Step, answer: Answer) -> float:
    """Under the epoch, also where the database went away meanwhile: else what is known would be waited for as if it were
    not. Who finds the epoch lost leaves a wake, so that the late effect is looked for. Returns how many seconds what was
    refused has to wait.
    """
    failed = [error for error in answer.errors if error]
    outcome = models.Step.Outcome.DONE
    if failed:
        every = len(failed) == len(step.changes)
        outcome = models.Step.Outcome.FAILED if every else models.Step.Outcome.PARTIAL

    waits = [inf]

    def store() -> None:
        with short_transaction():
            hold(lease)
            _store_answer(row, outcome, answer, failed)
            waits[:] = [inf, *_note_refusals(lease, step, answer)]

    try:
        when_it_answers(store)
    except FencedError:
        with short_transaction():
            wake(scope_key=lease.scope.key, reason="an answer came late", now=lease.now)
        raise
    return min(waits)


def _note_refusals(lease: Lease, step: Step, answer: Answer) -> list[float]:
    pairs = list(zip(step.changes, answer.errors, strict=True))
    forget_refusals(lease, (change for change, error in pairs if error is None))
    return [
        note_refusal(lease, change, error) for change, error in pairs if error and error.kind not in RETRIED
    ]


def _store_answer(
    row: models.Step, outcome: models.Step.Outcome, answer: Answer, failed: Sequence[AwsError]
) -> None:
    InFlight.objects.filter(step=row).delete()
    throttled = any(error.kind is ErrorKind.THROTTLED for error in failed)
    rate_limit.adapt(row.account_id, row.region, row.operation, throttled=throttled)
    models.Step.objects.filter(pk=row.pk).update(
        outcome=outcome,
        answered_at=Func(function="clock_timestamp"),
        aws_request_id=answer.request_id,
        error_kind=failed[0].kind if failed else "",
        error=str(failed[0]) if failed else "",
    )
    for position, error in enumerate(answer.errors):
        if error:
            Entry.objects.filter(step=row, position=position).update(error_kind=error.kind, error=str(error))


def _outcome(step: Step, answer: Answer, refused_for: float) -> Sent:
    failed: dict[int, str] = {}
    done: set[int] = set()
    for change, error in zip(step.changes, answer.errors, strict=True):
        if error is None:
            done.update(change.intents)
        elif error.kind not in RETRIED:
            failed |= dict.fromkeys(change.intents, _sentence(change, error))
    retry = any(error and error.kind in RETRIED for error in answer.errors)
    progressed = not all(answer.errors)
    return Sent(failed, retry=retry, progressed=progressed, done=frozenset(done), refused_for=refused_for)


def _sentence(change: Change, error: AwsError) -> str:
    what = WORDS.get(change.action, change.action)
    return f"{REFUSED} to {what} {change.resource} in {change.place.account}: {error.message}"


def _everyone(step: Step, text: str) -> dict[int, str]:
    words = f"No answer from AWS yet ({text}); checking again."
    return {intent: words for change in step.changes for intent in change.intents}


def send_all(lease: Lease, row: Round, steps: Sequence[Step], wishes: dict[int, Wish]) -> Pass:
    """Send the steps in order. An intent that fails stops alone; the rest, and every removal, goes on."""
    passed = Pass(wait=settings.VISIBILITY_DELAY)
    stored = list(row.steps.order_by("position"))
    is_retried, refused_for = False, inf
    for step, line in zip(steps, stored, strict=True):
        try:
            sent = send(lease, line, step, wishes)
        except NotSentError as error:
            models.Step.objects.filter(pk=line.pk).update(
                outcome=models.Step.Outcome.SKIPPED, error=str(error)
            )
            sent = Sent({}, retry=True)
        passed.failures |= sent.failed
        passed.done |= sent.done
        passed.failed |= sent.retry or bool(sent.failed)
        passed.progressed |= sent.progressed
        is_retried |= sent.retry or sent.is_open
        refused_for = min(refused_for, sent.refused_for)
        if sent.is_open:
            break
    if passed.failed:
        # Of what was merely refused it is known when it is tried again: a reading before that would tell nothing.
        passed.wait = None if is_retried or passed.progressed or refused_for == inf else refused_for
    close(lease, row, passed)
    return passed
