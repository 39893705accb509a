"""The round of a share scope: observe, plan, send; or, when nothing is left to do, prove."""

from collections.abc import Sequence
from dataclasses import dataclass

from fulfilment import actions
from fulfilment.models import Intent, Round
from lakeformation.desired import Claim as Wish
from lakeformation.desired import Desired, desired
from lakeformation.observation import Observation
from lakeformation.planning import Drift, Plan, plan
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.sessions import forget
from workers.claim import Claim, hold, short_transaction
from workers.claims import claims_of
from workers.journal import Pass, keep_observed, new_round, store_step
from workers.observe import observe_share
from workers.send import send_all
from workers.verify import Proof, doubt, is_news, prove, stands, tell, usable, verdicts

PATIENCE = 3
"""Failed readings in a row after which what was proven is no longer claimed."""


@dataclass(frozen=True)
class Reading:
    """One complete reading of the scope, what it should be by now, and the plan between."""

    wishes: Sequence[Wish]
    intents: dict[int, Intent]
    seen: Observation
    wish: Desired
    todo: Plan


def share_round(claim: Claim) -> Pass:
    """One reading, and either the calls it asks for or the proof that none is left. FencedError."""
    wishes, intents = claims_of(claim.scope.key)
    if not wishes:
        return Pass(wait=0.0)
    try:
        seen = observe_share(claim.scope, wishes)
    except AwsError as error:
        return _unreadable(claim, intents, error)
    wish = desired(wishes, seen, now=claim.now)
    reading = Reading(wishes, intents, seen, wish, plan(wish, seen, wishes))
    row = _store(claim, reading)
    if row is not None:
        return send_all(claim, row, reading.todo.steps, {w.intent: w for w in wishes})
    _prove_all(claim, reading)
    waits = bool(reading.todo.waiting)
    return Pass(wait=None if waits else 0.0, failed=waits, converged=not waits)


def _unreadable(claim: Claim, intents: dict[int, Intent], error: AwsError) -> Pass:
    """A denied reading, or several failed in a row, is *unknown*; never *absent*."""
    forget(error)
    if error.kind is ErrorKind.DENIED or claim.scope.failures >= PATIENCE:
        with short_transaction():
            hold(claim)
            for intent in intents.values():
                reason = f"AWS could not be read: {error.message}"
                doubt(intent, reason, verb="could_not_read", owner=claim.owner, now=claim.now)
    return Pass(failed=True)


def _store(claim: Claim, reading: Reading) -> Round | None:
    """Keep the reading, and a round with its plan if there is one to send."""
    todo = reading.todo
    with short_transaction():
        hold(claim)
        keep_observed(claim, reading.seen, sorted({wish.access.database for wish in reading.wishes}))
        for intent, reason in todo.waiting.items():
            tell(reading.intents[intent], reason)
        _wake_catalog(claim, reading)
        if not todo.steps:
            return None
        drift = _drift(todo, reading.intents)
        row = new_round(claim, [*drift, *todo.surplus])
        for position, step in enumerate(todo.steps):
            store_step(row, position, step)
        for difference in drift:
            for pk in difference.intents:
                doubt(
                    reading.intents[pk], difference.text, verb="found_drift", owner=claim.owner, now=claim.now
                )
    return row


def _wake_catalog(claim: Claim, reading: Reading) -> None:
    if not all(reading.seen.is_registered(wish.access) for wish in reading.wishes):
        key = actions.catalog_scope_key(claim.scope.catalog_id)
        actions.wake(scope_key=key, reason="a location is not registered", now=claim.now)


def _drift(todo: Plan, intents: dict[int, Intent]) -> list[Drift]:
    """Changes that concern an intent already proven at its generation: somebody changed AWS meanwhile."""
    lacking: dict[tuple[int, ...], list[str]] = {}
    for change in (change for step in todo.steps for change in step.changes):
        proven = tuple(pk for pk in change.intents if stands(intents[pk]))
        if proven and change.action != "revoke":
            lacking.setdefault(proven, []).append(f"{change.resource} in {change.place.account}")
    return [
        Drift("missing", f"{' and '.join(what)} lacks what was granted; mending it", proven)
        for proven, what in lacking.items()
    ]


def _prove_all(claim: Claim, reading: Reading) -> None:
    found = verdicts(reading.wishes, reading.wish, reading.todo, now=claim.now)
    by_intent = {wish.intent: wish for wish in reading.wishes}
    proofs = [
        Proof(
            reading.intents[pk],
            presence,
            usable(by_intent[pk], presence, reading.seen),
            reading.wish.stale.get(pk, ""),
        )
        for pk, presence in sorted(found.items())
    ]
    news = [proof for proof in proofs if is_news(proof)]
    if not news:
        return
    with short_transaction():
        hold(claim)
        row = new_round(claim, [])
        for proof in news:
            prove(proof, row, now=claim.now)
        Round.objects.filter(pk=row.pk).update(outcome=Round.Outcome.CONVERGED, finished_at=claim.now)
