"""The round of a catalog scope: store its reading, register locations and tables, create data cells filters.

It also removes data cells filters that nothing justifies any more, and unmanaged permissions on a person's order.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from django.db.models import Q, QuerySet

from fulfilment.intents.actions import wake_scope
from fulfilment.intents.models import Intent
from fulfilment.intents.queries import build_stale_filter
from fulfilment.rounds.models import Round
from identity.accounts.models import ConnectedCatalog
from lakeformation.drift.differences import Difference
from lakeformation.observation.reading import Observation
from lakeformation.planning.changes import DriftReport, Step
from lakeformation.planning.desired import IntentSpec
from lakeformation.planning.prerequisites import plan_filters, plan_registrations
from lakeformation.planning.registrations import exclude_planned_locations
from lakeformation.planning.removals import Removal, exclude_removals, plan_removals
from workers.aws.errors import AwsError
from workers.aws.sessions import drop_ended_sessions
from workers.engine.account_outage import clear_outages, handle_failed_reading
from workers.engine.claim import Lease, extend_lease, lock_scope, short_transaction
from workers.engine.drift.administrators import compare_administrators
from workers.engine.drift.filters import find_missing_filters, find_reverted_filters, mark_drifted
from workers.engine.drift.findings import (
    build_drift_reports,
    build_reverted_filter_differences,
    close_repaired_findings,
    close_unseen_findings,
    find_proven_prerequisite_differences,
    store_findings,
)
from workers.engine.drift.holds import hold_columns
from workers.engine.drift.row_policies import compare_row_policies
from workers.engine.drift.unknown_rows import find_unknown
from workers.engine.drift.unmanaged import find_catalog_surplus, find_unmanaged
from workers.engine.drift.widenings import find_widenings, record_new_widenings
from workers.engine.intents import build_intent_spec, find_applied
from workers.engine.reading.catalog import CatalogReading, read_catalog
from workers.engine.reading.data_lake_settings import build_facts, compare_version, read_settings
from workers.engine.reading.named_expressions import compare_expressions
from workers.engine.refusal_backoff import DueSteps, find_due_steps, has_last_plan_failed_silently
from workers.engine.registrations import (
    list_waiting_scope_keys,
    plan_registrations_of_round,
    prove_registrations,
    read_registrations,
)
from workers.engine.removals import build_removals, load_ordered_removals, prove_removals
from workers.engine.round_records import (
    STORE_TIMEOUT,
    RoundResult,
    create_round,
    finish_round,
    store_reading,
    store_steps,
    store_whole_catalog,
)
from workers.engine.send import send_steps
from workers.engine.tag_changes import prove_tag_changes, read_tag_changes
from workers.engine.unjustified_intents import exclude_specs, refuse_unjustified, refuse_unjustified_removals


def run_catalog_round(lease: Lease) -> RoundResult:
    """Read permissions, filters and locations of the catalog, and create what is missing. FencedError."""
    catalog = lease.scope.catalog
    try:
        seen = read_catalog(catalog)
        tags = read_tag_changes(lease)
        registrations, names = read_registrations(lease)
    except AwsError as error:
        drop_ended_sessions(error)
        return handle_failed_reading(lease, error)
    clear_outages(lease)
    intents = _load_live_intents(catalog)
    live = [build_intent_spec(intent) for intent in intents.values()]
    former = _load_former_specs(lease, seen)
    orders = load_ordered_removals(lease.scope.key)
    refused = refuse_unjustified_removals(lease, orders)
    orders = {pk: order for pk, order in orders.items() if pk not in refused}
    wishes = [*live, *former]
    made = _plan_prerequisites(wishes, seen, lease)
    asking = {intent for step in made for change in step.changes for intent in change.intents}
    if unfit := refuse_unjustified(lease, [wish for wish in live if wish.intent_id in asking], intents):
        wishes = exclude_specs(wishes, unfit)
        made = _plan_prerequisites(wishes, seen, lease)
    registering = plan_registrations_of_round(lease, registrations, names, seen)
    steps = [*plan_removals(build_removals(orders.values()), seen.held, live), *made]
    steps += [*exclude_planned_locations(registering.plan.steps, made), *tags.steps]
    due = find_due_steps(lease, steps)
    is_in_vain = has_last_plan_failed_silently(lease, due.steps)
    drift = [*find_missing_filters(wishes, seen, lease), *registering.drift]
    row = _store_round(lease, seen, due.steps, drift, live, tag_differences=tags.differences)
    store_whole_catalog(lease, seen)
    _store_findings(lease, seen, live, build_removals(orders.values()))
    is_unproven = prove_removals(lease, orders, seen, live, row)
    prove_registrations(lease, registering, row)
    prove_tag_changes(lease, tags, row)
    needs_attention = bool(refused) or is_unproven or registering.needs_attention or tags.has_refused
    if row is None or not due.steps:
        return RoundResult(has_failed=True) if needs_attention else _wait_for_next(due)
    passed = _send_steps(lease, row, due.steps, wishes, is_in_vain=is_in_vain)
    return replace(passed, wait=None, has_failed=True) if needs_attention else passed


def _send_steps(
    lease: Lease, row: Round, steps: Sequence[Step], wishes: list[IntentSpec], *, is_in_vain: bool
) -> RoundResult:
    passed = send_steps(lease, row, steps, {wish.intent_id: wish for wish in wishes})
    if is_in_vain:
        passed.wait, passed.has_failed, passed.has_progressed = None, True, False
    else:
        _wake_share_scopes(lease, passed.done_intents)
    return passed


def _wait_for_next(due: DueSteps) -> RoundResult:
    return RoundResult(
        wait=due.next_in or 0.0, awaits_refusal_retry=bool(due.next_in), has_converged=not due.next_in
    )


def _plan_prerequisites(wishes: list[IntentSpec], seen: CatalogReading, lease: Lease) -> list[Step]:
    """Steps that register locations, create filters, and remove filters that no intent needs."""
    return [
        *plan_registrations(wishes, frozenset(seen.locations), now=lease.now),
        *plan_filters(wishes, seen.filters_by_key, seen.held, now=lease.now),
    ]


def _store_round(
    lease: Lease,
    seen: CatalogReading,
    steps: Sequence[Step],
    drift: list[DriftReport],
    live: list[IntentSpec],
    *,
    tag_differences: Sequence[Difference],
) -> Round | None:
    places = Observation(locations=frozenset(seen.locations), filters=seen.filters_by_key)
    with short_transaction(rows=len(live)):
        lock_scope(lease)
        back = find_reverted_filters(seen, lease)
        found = [*find_proven_prerequisite_differences(live, places, lease.now), *tag_differences]
        store_findings(lease, [*found, *build_reverted_filter_differences(back)])
        drift += back
        drift += build_drift_reports(found, drift)
        if not (steps or drift):
            return None
        row = create_round(lease, drift)
        store_steps(row, steps)
        if not steps:
            finish_round(row, Round.Outcome.WAITING)
        mark_drifted(drift, lease)
        extend_lease(lease)
    return row


def _store_findings(
    lease: Lease, seen: CatalogReading, live: list[IntentSpec], orders: Sequence[Removal]
) -> None:
    """Store findings about surplus permissions and settings, in a separate transaction."""
    settings = read_settings(lease.scope.catalog)
    versions, unread = compare_version(settings, live, lease.now)
    catalog = lease.scope.catalog
    wider = find_widenings(catalog, live, lease.now)
    extra = find_unmanaged(catalog, seen, live)
    named = compare_expressions(lease, seen.held)
    facts = build_facts(settings, seen)
    admins = compare_administrators(lease, facts.admins)
    surplus = find_catalog_surplus(catalog, extra, seen, live, lease.now)
    unknown = find_unknown(catalog, seen)
    policies, unread_policies = compare_row_policies(catalog, seen.row_policies, live, lease.now)
    found = [*surplus, *versions, *wider, *named.differences, *admins.differences, *unknown, *policies]
    unread = (*unread, *named.unread_kinds, *admins.unread_kinds, *unread_policies)
    facts = replace(
        facts,
        permission_count=len(seen.held),
        unmanaged_count=len(exclude_removals(extra, orders)),
        named_expressions=named.expressions,
        first_admins=admins.first_admins,
        unknown_rows=seen.unknown_rows,
        row_policies=seen.row_policies,
    )
    with short_transaction(STORE_TIMEOUT):
        lock_scope(lease)
        record_new_widenings(lease, found)
        hold_columns(lease, live)
        store_findings(lease, found)
        close_unseen_findings(lease, found, unread_kinds=unread)
        store_reading(lease, facts.to_json())
        extend_lease(lease)
    close_repaired_findings(lease)


def _load_live_intents(catalog: ConnectedCatalog) -> dict[int, Intent]:
    intents = _list_share_intents(catalog).filter(ended_at__isnull=True).exclude(build_stale_filter())
    return {intent.pk: intent for intent in intents.order_by("pk")}


def _load_former_specs(lease: Lease, seen: CatalogReading) -> list[IntentSpec]:
    """Specs of ended and stale intents whose data cells filter still exists."""
    over = Q(ended_at__isnull=False) | build_stale_filter()
    intents = _list_share_intents(lease.scope.catalog).filter(over, wanted__has_key="row_filter")
    there = [
        intent
        for intent in (intents.order_by("pk") if seen.filters else ())
        if (one := build_intent_spec(intent).access.cells_filter) and one.key in seen.filters_by_key
    ]
    known = find_applied(there)
    wishes = [build_intent_spec(intent) for intent in there if intent.pk in known]
    return [replace(wish, ended_at=wish.ended_at or lease.now) for wish in wishes]


def _list_share_intents(catalog: ConnectedCatalog) -> QuerySet[Intent]:
    return Intent.objects.filter(scope_key__startswith=f"share:{catalog.pk}:")


def _wake_share_scopes(lease: Lease, done: Collection[int]) -> None:
    """Wake the share scopes of these intents, whose prerequisites were created."""
    keys = set(Intent.objects.filter(pk__in=done).values_list("scope_key", flat=True)) - {lease.scope.key}
    keys |= list_waiting_scope_keys(lease.scope.catalog_id, done)
    if not keys:
        return
    with short_transaction():
        for key in sorted(keys):
            wake_scope(scope_key=key, reason="a prerequisite was made", now=lease.now)
