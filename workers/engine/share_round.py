"""The round of a share scope: read AWS, plan, then send the plan, or prove if there is nothing to send."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from fulfilment.holds import Valve
from fulfilment.intents import actions
from fulfilment.intents.failures import REPLACED, UNREADABLE
from fulfilment.intents.models import Intent
from fulfilment.observations.models import ScopeReading
from fulfilment.observations.storage import ShareFacts
from fulfilment.rounds import Round, Scope
from lakeformation.observation.reading import UNREGISTERED_REASON, Observation
from lakeformation.planning.changes import DriftReport, Plan, PlannedChange
from lakeformation.planning.desired import (
    DesiredState,
    IntentSpec,
    apply_observed_mode,
    build_desired_state,
    find_successors,
)
from lakeformation.planning.plan import build_plan, find_interrupted_intents
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.sessions import drop_ended_sessions
from workers.engine.backoff import (
    DueSteps,
    clear_outages,
    find_due_steps,
    handle_failed_reading,
    has_last_plan_failed_silently,
    is_long_outage,
    repeats_last_plan,
)
from workers.engine.catalog_reading import CatalogReading
from workers.engine.claim import Lease, extend_lease, list_scope_accounts, lock_scope, short_transaction
from workers.engine.drift import (
    build_drift_reports,
    build_reverted_filter_differences,
    close_repaired_findings,
    find_proven_share_differences,
    find_reverted_filters,
    hold_removals,
    mark_drifted,
    store_findings,
)
from workers.engine.intents import SETTLED_PRESENCES, load_intent_specs
from workers.engine.proofs import (
    Proof,
    changes_intent,
    find_proven_presences,
    is_prerequisite_refused,
    is_proven_present,
    is_usable,
    mark_unknown,
    store_proofs,
    write_failures,
)
from workers.engine.round_records import RoundResult, create_round, finish_round, store_observed, store_steps
from workers.engine.send import send_steps
from workers.engine.share_reading import may_be_passed_on, read_share
from workers.engine.unjustified_intents import exclude_specs, refuse_unjustified

REMOVING_ACTIONS = frozenset({"revoke", "opt out", "unlink", "unland"})
MAX_UNREAD_ROUNDS = 3
"""After this many rounds in a row without a complete reading, proven intents become *unknown*."""


@dataclass(frozen=True)
class RoundPlan:
    """A complete reading of the scope, what is wanted, the plan, and the steps that are due."""

    specs: Sequence[IntentSpec]
    intents: dict[int, Intent]
    catalog: CatalogReading
    observation: Observation
    desired: DesiredState
    plan: Plan
    due: DueSteps


def run_share_round(lease: Lease) -> RoundResult:
    """Run the round without unjustified intents, which do not delay others and are checked again. FencedError."""
    specs, intents = load_intent_specs(lease.scope.key, lease.now)
    refused = refuse_unjustified(
        lease, [spec for spec in specs if not is_proven_present(intents[spec.intent_id])], intents
    )
    left = exclude_specs(specs, refused)
    if left:
        passed = _run_justified(lease, left, {spec.intent_id: intents[spec.intent_id] for spec in left})
    else:
        find_due_steps(lease, [])
        passed = RoundResult(wait=0.0)
    if refused and not (passed.is_too_early or passed.is_unreachable):
        passed.wait, passed.has_failed = None, True
    return passed


def _run_justified(lease: Lease, specs: Sequence[IntentSpec], intents: dict[int, Intent]) -> RoundResult:
    """Read AWS, then send the plan, or prove if nothing is left to send."""
    try:
        found, seen = read_share(lease.scope, specs, lease.now)
    except AwsError as error:
        return _handle_unreadable(lease, intents, error)
    clear_outages(lease)
    reading = _build_round_plan(lease, specs, intents, found, seen)
    if repeats_last_plan(lease, reading.due.steps) and (less := seen.expire_old_invitations()) != seen:
        reading = _build_round_plan(lease, specs, intents, found, less)
    changes = (change for step in reading.plan.steps for change in step.changes if change.action != "revoke")
    adding = {pk for change in changes for pk in change.intents if is_proven_present(reading.intents[pk])}
    if refused := refuse_unjustified(
        lease, [spec for spec in reading.specs if spec.intent_id in adding], intents
    ):
        passed = _run_justified(lease, exclude_specs(specs, refused), intents)
        passed.wait, passed.has_failed = None, True
        return passed
    is_in_vain = has_last_plan_failed_silently(lease, reading.due.steps)
    row = _store_round(lease, reading)
    names = sorted({name for spec in reading.specs for name in (*spec.access.databases, "")})
    # Facts of the reading. Passed-on permissions are known only where the account may pass on.
    passed_on = None
    if any(may_be_passed_on(spec.access) for spec in reading.specs):
        passed_on = {one: columns for one, columns in reading.observation.held.items() if one.passed_on_by}
    unknown = reading.observation.unknown_rows - reading.catalog.unknown_rows
    facts = ShareFacts(reading.observation.received_resources, passed_on, unknown)
    store_observed(lease, found, names, facts.to_json())
    _store_proofs(lease, reading, row)
    close_repaired_findings(lease)
    if row is None or not reading.due.steps:
        # What waits for another scope is looked at again by the back-off; what AWS refused, when it may be
        # tried again.
        if reading.plan.waiting_reasons:
            return RoundResult(wait=None, has_failed=True)
        if reading.due.next_in is not None:
            return RoundResult(wait=reading.due.next_in, awaits_refusal_retry=True)
        return RoundResult(wait=0.0, has_converged=True)
    passed = send_steps(lease, row, reading.due.steps, {spec.intent_id: spec for spec in reading.specs})
    if is_in_vain:
        passed.wait, passed.has_failed, passed.has_progressed = None, True, False
    elif passed.has_failed and reading.plan.waiting_reasons:
        passed.wait = None
    return passed


def _build_round_plan(
    lease: Lease,
    specs: Sequence[IntentSpec],
    intents: dict[int, Intent],
    reading: CatalogReading,
    observation: Observation,
) -> RoundPlan:
    specs = apply_observed_mode(specs, observation, now=lease.now)
    desired = build_desired_state(specs, observation, now=lease.now)
    # The plan without its removals where they are more than the valves of the scope's accounts let through.
    # Whoever set the valve lets them go by opening it; until then their intents wait and say why.
    todo = build_plan(desired, observation, specs)
    gone = [change for step in todo.steps for change in step.changes if change.action == "revoke"]
    if gone:
        # How many permissions our intents, live and ended, hold in the scope.
        held_count = len(
            (desired.wanted.permissions.keys() | desired.former.permissions.keys()) & observation.held.keys()
        )
        if reason := _find_stop_reason(lease.scope, gone, held_count):
            todo.steps = [step for step in todo.steps if step.changes[0].action not in REMOVING_ACTIONS]
            todo.waiting_reasons |= dict.fromkeys((pk for change in gone for pk in change.intents), reason)
            todo.hold_reason = reason
    return RoundPlan(specs, intents, reading, observation, desired, todo, find_due_steps(lease, todo.steps))


def _handle_unreadable(lease: Lease, intents: dict[int, Intent], error: AwsError) -> RoundResult:
    """A denied reading, several failed in a row or a long silence is *unknown*; never *absent*."""
    drop_ended_sessions(error)
    passed = handle_failed_reading(lease, error)
    if error.kind is ErrorKind.DENIED or _is_often_unread(lease) or is_long_outage(lease):
        with short_transaction(rows=len(intents)):
            lock_scope(lease)
            reason = f"{UNREADABLE}: {error.message}"
            doubts = ((pk, reason) for pk in intents)
            mark_unknown(doubts, verb="could_not_read", owner=lease.owner, now=lease.now)
    return passed


def _is_often_unread(lease: Lease) -> bool:
    """Whether the last rounds had no complete reading. Failures alone may be refused calls."""
    is_read = ScopeReading.objects.filter(scope=lease.scope, epoch__gte=lease.epoch - MAX_UNREAD_ROUNDS)
    return lease.scope.failures >= MAX_UNREAD_ROUNDS and not is_read.exists()


def _store_round(lease: Lease, reading: RoundPlan) -> Round | None:
    """A round, if there is a plan to send or drift to tell."""
    todo = reading.plan
    with short_transaction(rows=len(reading.intents)):
        lock_scope(lease)
        back = find_reverted_filters(reading.catalog, lease)
        # Waiting intents with reasons. A failure that AWS refused the filter or location is kept.
        told = ((reading.intents[pk], why) for pk, why in reading.plan.waiting_reasons.items())
        waiting = [
            (one, why)
            for one, why in told
            if not (
                is_prerequisite_refused(one)
                and (one.pk in reading.plan.filter_problems or why.endswith(UNREGISTERED_REASON))
            )
        ]
        _wake_catalog(lease, reading, has_news=any(one.failure != why for one, why in waiting))
        write_failures(waiting)
        hold_removals(lease, todo.hold_reason)
        differences = find_proven_share_differences(
            reading.specs, reading.intents, reading.desired, reading.observation, lease.now
        )
        store_findings(lease, [*differences, *build_reverted_filter_differences(back)])
        drift = [*_find_drift(todo, reading.intents), *back]
        drift += build_drift_reports(differences, drift)
        if not (reading.due.steps or drift):
            return None
        row = create_round(lease, [*drift, *todo.surplus])
        if not reading.due.steps:
            finish_round(row, Round.Outcome.WAITING)
        store_steps(row, reading.due.steps)
        mark_drifted(drift, lease)
        # Mark intents *unknown* whose permissions are revoked before they are granted in another form.
        taken = find_interrupted_intents(reading.plan, reading.desired, reading.observation)
        doubts = ((pk, REPLACED) for pk in sorted(taken) if is_proven_present(reading.intents[pk]))
        mark_unknown(doubts, verb="replaced", owner=lease.owner, now=lease.now)
        extend_lease(lease)
    return row


def _wake_catalog(lease: Lease, reading: RoundPlan, *, has_news: bool) -> None:
    """Ask the catalog's scope for what this one waits for, and to clear away what it has let go of. What it failed at
    before it tries again in its own time, unless something is new here.
    """
    seen, desired = reading.observation, reading.desired
    reason = ""
    if not all(seen.is_registered(spec.access) for spec in reading.specs):
        reason = "a location is not registered"
    elif any(seen.list_lacking_tables(spec.access) for spec in reading.specs if spec.is_live(lease.now)):
        reason = "a registered table is not there"
    elif any(seen.get_filter_problem(one) for one in desired.wanted.filters):
        reason = "a data cells filter is not as it should be"
    elif any(one.key in seen.filters and one not in desired.wanted.filters for one in desired.former.filters):
        reason = "a data cells filter may no longer be needed"
    if reason:
        key = actions.catalog_scope_key(lease.scope.catalog_id)
        urgent = has_news or lease.is_urgent
        actions.wake_scope(
            scope_key=key, reason=reason, now=lease.now, urgent=urgent, retries=lease.retries_refused
        )


def _find_drift(plan: Plan, intents: dict[int, Intent]) -> list[DriftReport]:
    """Planned changes for intents that are proven at their generation: somebody changed AWS."""
    lacking: dict[tuple[int, ...], list[str]] = {}
    for change in (change for step in plan.steps for change in step.changes):
        proven = tuple(pk for pk in change.intents if is_proven_present(intents[pk]))
        if proven and change.action != "revoke":
            lacking.setdefault(proven, []).append(f"{change.resource} in {change.catalog.account}")
    spoilt = {pk: lack for pk, lack in plan.filter_problems.items() if is_proven_present(intents[pk])}
    return [
        *(DriftReport("filter", f"{lack}; repairing it", (pk,)) for pk, lack in sorted(spoilt.items())),
        *(
            DriftReport("missing", f"{' and '.join(what)} lacks what was granted; repairing it", proven)
            for proven, what in lacking.items()
        ),
    ]


def _store_proofs(lease: Lease, reading: RoundPlan, row: Round | None) -> None:
    """Prove what the plan does not concern: an intent that cannot be repaired holds up no other."""
    presences = find_proven_presences(reading.specs, reading.desired, reading.plan, now=lease.now)
    by_intent = {spec.intent_id: spec for spec in reading.specs}
    proofs = [
        Proof(
            reading.intents[pk],
            presence,
            is_usable(by_intent[pk], presence, reading.observation),
            reading.desired.stale_reasons.get(pk, ""),
            _find_evidence(by_intent[pk], presence, reading.observation),
        )
        for pk, presence in sorted(presences.items())
    ]
    news = [proof for proof in proofs if changes_intent(proof)]
    if not news:
        return
    over = {proof.intent.pk for proof in news if proof.presence in SETTLED_PRESENCES}
    left_to = find_successors(over, reading.desired, reading.observation)
    with short_transaction(rows=len(news) + len(left_to)):
        lock_scope(lease)
        store_proofs(news, row or _create_converged_round(lease), now=lease.now, successors=left_to)
        extend_lease(lease)


def _find_evidence(spec: IntentSpec, presence: Intent.Presence, observation: Observation) -> str:
    """Why an absent access is gone, if its table or database is; why the rows of a present one are not proven; and
    that row-level security policies of an absent one were not read.
    """
    if presence == Intent.Presence.PRESENT:
        return observation.get_row_doubt(spec.access)
    if presence == Intent.Presence.ABSENT:
        return observation.describe_missing(spec.access) or observation.row_policies.unread
    return ""


def _create_converged_round(lease: Lease) -> Round:
    """A round that had nothing to send."""
    row = create_round(lease, [])
    finish_round(row, Round.Outcome.CONVERGED)
    return row


def _find_stop_reason(scope: Scope, gone: Sequence[PlannedChange], held: int) -> str:
    concerned = Q(account__isnull=True) | Q(
        account__in=[account.pk for account in list_scope_accounts(scope)]
    )
    share = 100 * len(gone) / max(held, 1)
    for valve in Valve.objects.filter(concerned, most_removed__isnull=False):
        assert valve.most_removed is not None
        if len(gone) > valve.always_removed and share > valve.most_removed:
            words = f"{len(gone)} of {held} permissions would be removed at once, more than {valve.most_removed} %"
            return f"stopped by a write control: {words} ({valve.reason})"
    return ""
