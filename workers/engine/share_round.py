"""The round of a share scope: observe, plan, send; or, when nothing is left to do, prove."""

from collections.abc import Sequence
from dataclasses import dataclass

from fulfilment.intents import actions
from fulfilment.intents.failures import REPLACED, UNREADABLE
from fulfilment.intents.models import Intent
from fulfilment.observations.models import ScopeReading
from fulfilment.observations.scope_facts import ShareFacts
from fulfilment.rounds.models import Round
from lakeformation.observation.reading import UNREGISTERED, Observation
from lakeformation.planning.changes import Drift, Plan
from lakeformation.planning.column_succession import heirs
from lakeformation.planning.desired import Desired, Wish, desired
from lakeformation.planning.hybrid_mode import in_observed_mode
from lakeformation.planning.plan import plan, replaced
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.sessions import forget
from workers.engine.account_outage import hear, is_long, unanswered
from workers.engine.claim import Lease, hold, hold_on, short_transaction
from workers.engine.drift.filters import changed_back, doubt_all
from workers.engine.drift.findings import as_drift, close_proven, note, of_changed_back, of_standing
from workers.engine.drift.holds import hold_removals
from workers.engine.intents import SETTLED, wishes_of
from workers.engine.proofs import (
    Proof,
    doubt,
    is_news,
    is_refused_need,
    prove,
    say_why,
    stands,
    usable,
    verdicts,
)
from workers.engine.reading.catalog import CatalogReading
from workers.engine.reading.share import may_be_passed_on, observe_share
from workers.engine.refusal_backoff import Due, due_steps, repeats_last_plan, was_done_in_vain
from workers.engine.round_records import Pass, finish, keep_observed, new_round, store_steps
from workers.engine.send import send_all
from workers.engine.unjustified_intents import refused_among, without
from workers.engine.valves import hold_back

PATIENCE = 3
"""Passes in a row without a complete reading after which what was proven is no longer claimed."""


@dataclass(frozen=True)
class Reading:
    """One complete reading of the scope, what it should be by now, the plan between, and what of it may be sent by now."""

    wishes: Sequence[Wish]
    intents: dict[int, Intent]
    catalog: CatalogReading
    seen: Observation
    goal: Desired
    todo: Plan
    due: Due


def share_round(lease: Lease) -> Pass:
    """The round of what is justified; what is not holds up nothing else, and is looked at again. FencedError."""
    wishes, intents = wishes_of(lease.scope.key, lease.now)
    refused = refused_among(lease, [wish for wish in wishes if not stands(intents[wish.intent])], intents)
    left = without(wishes, refused)
    if left:
        passed = _round_of(lease, left, {wish.intent: intents[wish.intent] for wish in left})
    else:
        due_steps(lease, [])
        passed = Pass(wait=0.0)
    if refused and not (passed.unread or passed.silent):
        passed.wait, passed.failed = None, True
    return passed


def _round_of(lease: Lease, wishes: Sequence[Wish], intents: dict[int, Intent]) -> Pass:
    """One reading, and either the calls it asks for or the proof that none is left."""
    try:
        found, seen = observe_share(lease.scope, wishes, lease.now)
    except AwsError as error:
        return _unreadable(lease, intents, error)
    hear(lease)
    reading = _planned(lease, wishes, intents, found, seen)
    if repeats_last_plan(lease, reading.due.steps) and (less := seen.given_up()) != seen:
        reading = _planned(lease, wishes, intents, found, less)
    if refused := refused_among(lease, _mended(reading), intents):
        passed = _round_of(lease, without(wishes, refused), intents)
        passed.wait, passed.failed = None, True
        return passed
    is_in_vain = was_done_in_vain(lease, reading.due.steps)
    row = _store(lease, reading)
    names = sorted({name for wish in reading.wishes for name in (*wish.access.databases, "")})
    keep_observed(lease, found, names, _facts(reading).to_json())
    _prove(lease, reading, row)
    close_proven(lease)
    if row is None or not reading.due.steps:
        return _nothing_sent(reading)
    passed = send_all(lease, row, reading.due.steps, {wish.intent: wish for wish in reading.wishes})
    if is_in_vain:
        passed.wait, passed.failed, passed.progressed = None, True, False
    elif passed.failed and reading.todo.waiting:
        passed.wait = None
    return passed


def _nothing_sent(reading: Reading) -> Pass:
    """What waits for another scope is looked at again by the back-off; what AWS refused, when it may be tried again."""
    if reading.todo.waiting:
        return Pass(wait=None, failed=True)
    if reading.due.next_in is not None:
        return Pass(wait=reading.due.next_in, held_off=True)
    return Pass(wait=0.0, converged=True)


def _planned(
    lease: Lease,
    wishes: Sequence[Wish],
    intents: dict[int, Intent],
    found: CatalogReading,
    seen: Observation,
) -> Reading:
    wishes = in_observed_mode(wishes, seen, now=lease.now)
    goal = desired(wishes, seen, now=lease.now)
    todo = hold_back(lease.scope, plan(goal, seen, wishes), goal, seen)
    return Reading(wishes, intents, found, seen, goal, todo, due_steps(lease, todo.steps))


def _mended(reading: Reading) -> list[Wish]:
    """Those that were proven before and get something again: what is not proven was asked for as the round began."""
    changes = (change for step in reading.todo.steps for change in step.changes if change.action != "revoke")
    adding = {pk for change in changes for pk in change.intents if stands(reading.intents[pk])}
    return [wish for wish in reading.wishes if wish.intent in adding]


def _facts(reading: Reading) -> ShareFacts:
    """What the account passed on is read where it may pass something on."""
    passed_on = None
    if any(may_be_passed_on(wish.access) for wish in reading.wishes):
        passed_on = {one: columns for one, columns in reading.seen.held.items() if one.through}
    return ShareFacts(reading.seen.accepted, passed_on)


def _unreadable(lease: Lease, intents: dict[int, Intent], error: AwsError) -> Pass:
    """A denied reading, several failed in a row or a long silence is *unknown*; never *absent*."""
    forget(error)
    passed = unanswered(lease, error)
    if error.kind is ErrorKind.DENIED or _often_unread(lease) or is_long(lease):
        with short_transaction(rows=len(intents)):
            hold(lease)
            reason = f"{UNREADABLE}: {error.message}"
            doubts = ((pk, reason) for pk in intents)
            doubt(doubts, verb="could_not_read", owner=lease.owner, now=lease.now)
    return passed


def _often_unread(lease: Lease) -> bool:
    """That the scope fails is not enough: it may be read each time, and be refused what it sends."""
    is_read = ScopeReading.objects.filter(scope=lease.scope, epoch__gte=lease.epoch - PATIENCE)
    return lease.scope.failures >= PATIENCE and not is_read.exists()


def _store(lease: Lease, reading: Reading) -> Round | None:
    """A round, if there is a plan to send or drift to tell."""
    todo = reading.todo
    with short_transaction(rows=len(reading.intents)):
        hold(lease)
        back = changed_back(reading.catalog, lease)
        waiting = _waiting(reading)
        _wake_catalog(lease, reading, has_news=any(one.failure != why for one, why in waiting))
        say_why(waiting)
        hold_removals(lease, todo.held_back)
        found = of_standing(reading.wishes, reading.intents, reading.goal, reading.seen, lease.now)
        note(lease, [*found, *of_changed_back(back)])
        drift = [*_drift(todo, reading.intents), *back]
        drift += as_drift(found, drift)
        if not (reading.due.steps or drift):
            return None
        row = new_round(lease, [*drift, *todo.surplus])
        if not reading.due.steps:
            finish(row, Round.Outcome.WAITING)
        store_steps(row, reading.due.steps)
        doubt_all(drift, lease)
        _doubt_replaced(lease, reading)
        hold_on(lease)
    return row


def _waiting(reading: Reading) -> list[tuple[Intent, str]]:
    """What to say of intents that wait. Of a filter or a location, AWS's refusal to make it says more, and stays."""
    told = ((reading.intents[pk], why) for pk, why in reading.todo.waiting.items())
    return [
        (one, why)
        for one, why in told
        if not (is_refused_need(one) and (one.pk in reading.todo.spoilt or why.endswith(UNREGISTERED)))
    ]


def _doubt_replaced(lease: Lease, reading: Reading) -> None:
    """What is taken away before it is given otherwise is not there in between, however short that is."""
    taken = replaced(reading.todo, reading.goal, reading.seen)
    doubts = ((pk, REPLACED) for pk in sorted(taken) if stands(reading.intents[pk]))
    doubt(doubts, verb="replaced", owner=lease.owner, now=lease.now)


def _wake_catalog(lease: Lease, reading: Reading, *, has_news: bool) -> None:
    """Ask the catalog's scope for what this one waits for, and to clear away what it has let go of. What it failed at
    before it tries again in its own time, unless something is new here.
    """
    seen, goal = reading.seen, reading.goal
    reason = ""
    if not all(seen.is_registered(wish.access) for wish in reading.wishes):
        reason = "a location is not registered"
    elif any(seen.lack_of_filter(one) for one in goal.wanted.filters):
        reason = "a data cells filter is not as it should be"
    elif any(one.key in seen.filters and one not in goal.wanted.filters for one in goal.former.filters):
        reason = "a data cells filter may no longer be needed"
    if reason:
        key = actions.catalog_scope_key(lease.scope.catalog_id)
        urgent = has_news or lease.is_urgent
        actions.wake(scope_key=key, reason=reason, now=lease.now, urgent=urgent, retries=lease.retries)


def _drift(todo: Plan, intents: dict[int, Intent]) -> list[Drift]:
    """Changes that concern an intent already proven at its generation: somebody changed AWS meanwhile."""
    lacking: dict[tuple[int, ...], list[str]] = {}
    for change in (change for step in todo.steps for change in step.changes):
        proven = tuple(pk for pk in change.intents if stands(intents[pk]))
        if proven and change.action != "revoke":
            lacking.setdefault(proven, []).append(f"{change.resource} in {change.place.account}")
    spoilt = {pk: lack for pk, lack in todo.spoilt.items() if stands(intents[pk])}
    return [
        *(Drift("filter", f"{lack}; repairing it", (pk,)) for pk, lack in sorted(spoilt.items())),
        *(
            Drift("missing", f"{' and '.join(what)} lacks what was granted; repairing it", proven)
            for proven, what in lacking.items()
        ),
    ]


def _prove(lease: Lease, reading: Reading, row: Round | None) -> None:
    """Prove what the plan does not concern: an intent that cannot be mended holds up no other."""
    found = verdicts(reading.wishes, reading.goal, reading.todo, now=lease.now)
    by_intent = {wish.intent: wish for wish in reading.wishes}
    proofs = [
        Proof(
            reading.intents[pk],
            presence,
            usable(by_intent[pk], presence, reading.seen),
            reading.goal.stale.get(pk, ""),
        )
        for pk, presence in sorted(found.items())
    ]
    news = [proof for proof in proofs if is_news(proof)]
    if not news:
        return
    over = {proof.intent.pk for proof in news if proof.presence in SETTLED}
    left_to = heirs(over, reading.goal, reading.seen)
    with short_transaction(rows=len(news) + len(left_to)):
        hold(lease)
        prove(news, row or _quiet_round(lease), now=lease.now, heirs=left_to)
        hold_on(lease)


def _quiet_round(lease: Lease) -> Round:
    """A round that had nothing to send."""
    row = new_round(lease, [])
    finish(row, Round.Outcome.CONVERGED)
    return row
