"""The round of a catalog scope: store its reading, register locations and tables, create data cells filters.

It also removes data cells filters that nothing justifies any more, and unmanaged permissions on a person's order.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from fulfilment.intents.actions import wake_scope
from fulfilment.intents.models import Intent, build_stale_filter
from fulfilment.observations.models import ScopeReading
from fulfilment.observations.storage import CatalogFacts
from fulfilment.rounds import Round, Scope
from identity.accounts import ConnectedCatalog
from lakeformation.drift import (
    Difference,
    DifferenceKind,
    NamedExpression,
    find_administrator_differences,
    find_expression_differences,
    find_row_policy_differences,
    find_unknown_differences,
    find_version_differences,
    list_expression_names,
    update_named_expressions,
)
from lakeformation.observation.reading import Observation, UnknownRow
from lakeformation.planning.catalog_plan import (
    Removal,
    exclude_planned_locations,
    exclude_removals,
    plan_filters,
    plan_registrations,
    plan_removals,
)
from lakeformation.planning.changes import DriftReport, Step
from lakeformation.planning.desired import IntentSpec
from lakeformation.values.permissions import HeldPermissions
from lakeformation.values.row_policies import RowPolicies
from lakeformation.values.tag_expressions import TagExpression
from workers.aws import iam, reads
from workers.aws.errors import AwsError
from workers.aws.sessions import drop_ended_sessions, get_client
from workers.engine.backoff import (
    clear_outages,
    find_due_steps,
    handle_failed_reading,
    has_last_plan_failed_silently,
)
from workers.engine.catalog_reading import CatalogReading, read_catalog, read_table_tags
from workers.engine.claim import Lease, extend_lease, lock_scope, short_transaction
from workers.engine.drift import (
    build_drift_reports,
    build_reverted_filter_differences,
    close_repaired_findings,
    close_unseen_findings,
    find_catalog_surplus,
    find_missing_filters,
    find_proven_prerequisite_differences,
    find_reverted_filters,
    find_unmanaged,
    find_widenings,
    hold_columns,
    mark_drifted,
    record_new_widenings,
    store_findings,
)
from workers.engine.intents import (
    SETTLED_PRESENCES,
    build_intent_spec,
    build_removals,
    find_applied,
    load_ordered_removals,
    prove_removals,
)
from workers.engine.registrations import (
    list_waiting_scope_keys,
    plan_registrations_of_round,
    prove_registrations,
    read_registrations,
)
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
    specs = [*live, *former]
    prerequisites = _plan_prerequisites(specs, seen, lease)
    asking = {intent for step in prerequisites for change in step.changes for intent in change.intents}
    if unfit := refuse_unjustified(lease, [spec for spec in live if spec.intent_id in asking], intents):
        specs = exclude_specs(specs, unfit)
        prerequisites = _plan_prerequisites(specs, seen, lease)
    registering = plan_registrations_of_round(lease, registrations, names, seen)
    steps = [*plan_removals(build_removals(orders.values()), seen.held, live), *prerequisites]
    steps += [*exclude_planned_locations(registering.plan.steps, prerequisites), *tags.steps]
    due = find_due_steps(lease, steps)
    is_in_vain = has_last_plan_failed_silently(lease, due.steps)
    drift = [*find_missing_filters(specs, seen, lease), *registering.drift]
    row = _store_round(lease, seen, due.steps, drift, live, tag_differences=tags.differences)
    store_whole_catalog(lease, seen)
    _store_findings(lease, seen, live, build_removals(orders.values()))
    is_unproven = prove_removals(lease, orders, seen, live, row)
    prove_registrations(lease, registering, row)
    prove_tag_changes(lease, tags, row)
    needs_attention = bool(refused) or is_unproven or registering.needs_attention or tags.has_refused
    if row is None or not due.steps:
        if needs_attention:
            return RoundResult(has_failed=True)
        return RoundResult(
            wait=due.next_in or 0.0, awaits_refusal_retry=bool(due.next_in), has_converged=not due.next_in
        )
    passed = _send_steps(lease, row, due.steps, specs, is_in_vain=is_in_vain)
    return replace(passed, wait=None, has_failed=True) if needs_attention else passed


def _send_steps(
    lease: Lease, row: Round, steps: Sequence[Step], specs: list[IntentSpec], *, is_in_vain: bool
) -> RoundResult:
    passed = send_steps(lease, row, steps, {spec.intent_id: spec for spec in specs})
    if is_in_vain:
        passed.wait, passed.has_failed, passed.has_progressed = None, True, False
    else:
        _wake_share_scopes(lease, passed.done_intents)
    return passed


def _plan_prerequisites(specs: list[IntentSpec], reading: CatalogReading, lease: Lease) -> list[Step]:
    """Steps that register locations, create filters, and remove filters that no intent needs."""
    return [
        *plan_registrations(specs, frozenset(reading.locations), now=lease.now),
        *plan_filters(specs, reading.filters_by_key, reading.held, now=lease.now),
    ]


def _store_round(
    lease: Lease,
    reading: CatalogReading,
    steps: Sequence[Step],
    drift: list[DriftReport],
    live: list[IntentSpec],
    *,
    tag_differences: Sequence[Difference],
) -> Round | None:
    places = Observation(locations=frozenset(reading.locations), filters=reading.filters_by_key)
    with short_transaction(rows=len(live)):
        lock_scope(lease)
        back = find_reverted_filters(reading, lease)
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
    lease: Lease, reading: CatalogReading, live: list[IntentSpec], orders: Sequence[Removal]
) -> None:
    """Store findings about surplus permissions and settings, in a separate transaction."""
    settings = _read_settings(lease.scope.catalog)
    versions, unread = _compare_version(settings, live, lease.now)
    catalog = lease.scope.catalog
    wider = find_widenings(catalog, live, lease.now)
    extra = find_unmanaged(catalog, reading, live)
    named = _compare_expressions(lease, reading.held)
    facts = _build_facts(settings, reading)
    admins = _compare_administrators(lease, facts.admins)
    surplus = find_catalog_surplus(catalog, extra, reading, live, lease.now)
    unknown = list(find_unknown_differences([*reading.unknown_rows, *_load_rows_of_shares(catalog)]))
    policies, unread_policies = _compare_row_policies(catalog, reading.row_policies, live, lease.now)
    found = [*surplus, *versions, *wider, *named.differences, *admins.differences, *unknown, *policies]
    unread = (*unread, *named.unread_kinds, *admins.unread_kinds, *unread_policies)
    facts = replace(
        facts,
        permission_count=len(reading.held),
        unmanaged_count=len(exclude_removals(extra, orders)),
        named_expressions=named.expressions,
        first_admins=admins.first_admins,
        unknown_rows=reading.unknown_rows,
        row_policies=reading.row_policies,
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


def _load_former_specs(lease: Lease, reading: CatalogReading) -> list[IntentSpec]:
    """Specs of ended and stale intents whose data cells filter still exists."""
    over = Q(ended_at__isnull=False) | build_stale_filter()
    intents = _list_share_intents(lease.scope.catalog).filter(over, wanted__has_key="row_filter")
    there = [
        intent
        for intent in (intents.order_by("pk") if reading.filters else ())
        if (one := build_intent_spec(intent).access.cells_filter) and one.key in reading.filters_by_key
    ]
    applied = find_applied(there)
    specs = [build_intent_spec(intent) for intent in there if intent.pk in applied]
    return [replace(spec, ended_at=spec.ended_at or lease.now) for spec in specs]


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


def _compare_row_policies(
    catalog: ConnectedCatalog, policies: RowPolicies, live: Sequence[IntentSpec], now: datetime
) -> tuple[list[Difference], tuple[DifferenceKind, ...]]:
    """The differences, and the kind as unread where AWS refuses the listing."""
    if policies.unread:
        return [], (DifferenceKind.ROW_POLICY,)
    granted = [spec for spec in live if spec.is_live(now)]
    tags = read_table_tags(
        catalog, policies, {table for spec in granted for table in spec.access.reachable_tables}
    )
    return list(find_row_policy_differences(policies, granted, tags)), ()


def _load_rows_of_shares(catalog: ConnectedCatalog) -> Iterator[UnknownRow]:
    """Without scopes whose intents are all settled: they are not read any more."""
    mattering = Intent.objects.filter(scope_key=OuterRef("scope__key")).exclude(
        presence__in=SETTLED_PRESENCES, proven_generation=F("generation")
    )
    readings = ScopeReading.objects.filter(
        Exists(mattering), scope__catalog=catalog, scope__kind=Scope.Kind.SHARE
    )
    for told in readings.values_list("facts__unknown", flat=True):
        yield from map(UnknownRow.from_json, told or ())


@dataclass(frozen=True)
class AdministratorChanges:
    """`first_admins` are those of the first reading; `unread_kinds` could not be read, so their findings stay open."""

    first_admins: frozenset[str] | None
    differences: tuple[Difference, ...] = ()
    unread_kinds: tuple[DifferenceKind, ...] = ()


def _compare_administrators(lease: Lease, admins: frozenset[str] | None) -> AdministratorChanges:
    """`admins` are those of this reading, None where AWS did not tell them. The account's own roles of the portal, of
    which an executor may have to be one, are no finding.
    """
    row = ScopeReading.objects.filter(scope=lease.scope).first()
    first = CatalogFacts.from_json(row.facts).first_admins if row else None
    if admins is None:
        return AdministratorChanges(first, unread_kinds=(DifferenceKind.ADMINISTRATOR_ADDED,))
    if first is None:
        return AdministratorChanges(admins)
    account = lease.scope.catalog.account
    ours = {account.observer_role_arn, account.executor_role_arn}
    return AdministratorChanges(first, tuple(find_administrator_differences(admins - first - ours)))


@dataclass(frozen=True)
class ExpressionChanges:
    """`unread_kinds` could not be read; their findings stay open."""

    expressions: dict[str, NamedExpression] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    unread_kinds: tuple[DifferenceKind, ...] = ()


def _compare_expressions(lease: Lease, held: HeldPermissions) -> ExpressionChanges:
    """No call where nothing is held by one. A role that may not read them leaves what was known: no reading fails for
    their sake.
    """
    names = list_expression_names(held)
    if not names:
        return ExpressionChanges()
    row = ScopeReading.objects.filter(scope=lease.scope).first()
    before = dict(CatalogFacts.from_json(row.facts).named_expressions) if row else {}
    try:
        catalog = lease.scope.catalog
        aws = get_client("lakeformation", account=catalog.account, role="observer", region=catalog.region)
        bodies = {name: reads.find_tag_expression(aws, catalog.account.account_id, name) for name in names}
        now = {name: None if body is None else TagExpression.from_aws(body) for name, body in bodies.items()}
    except AwsError:
        return ExpressionChanges(before, unread_kinds=(DifferenceKind.EXPRESSION_CHANGED,))
    named = update_named_expressions(before, now)
    return ExpressionChanges(named, list(find_expression_differences(named, held)))


def _read_settings(catalog: ConnectedCatalog) -> Mapping[str, Any] | None:
    """The data lake settings, or None if AWS refuses them. A round does not fail for that."""
    account = catalog.account
    try:
        aws = get_client("lakeformation", account=account, role="observer", region=catalog.region)
        return iam.read_data_lake_settings(aws, account.account_id)
    except AwsError:
        return None


def _build_facts(settings: Mapping[str, Any] | None, reading: CatalogReading) -> CatalogFacts:
    """Facts of the settings, if they were read, and of opt-ins."""
    opted = CatalogFacts(wide_opt_ins=reading.wide_opt_ins, conditional_opt_ins=reading.conditional_opt_ins)
    if settings is None:
        return opted
    admins = (
        str(lake_admin["DataLakePrincipalIdentifier"]) for lake_admin in settings.get("DataLakeAdmins", ())
    )
    version = _parse_version(settings)
    return replace(
        opted,
        admins=frozenset(admins),
        cross_account_version=int(version) if version.isdecimal() else None,
        opens_new_tables_to_iam=bool(settings.get("CreateTableDefaultPermissions")),
    )


def _parse_version(settings: Mapping[str, Any]) -> str:
    return str(settings.get("Parameters", {}).get("CROSS_ACCOUNT_VERSION", "1"))


def _compare_version(
    settings: Mapping[str, Any] | None, specs: Sequence[IntentSpec], now: datetime
) -> tuple[list[Difference], tuple[DifferenceKind, ...]]:
    """Differences of the cross-account version, and the kinds that could not be read."""
    if not any(spec.access.is_cross_account and spec.is_live(now) for spec in specs):
        return [], ()
    if settings is None:
        return [], (DifferenceKind.VERSION_LOWERED,)
    return list(find_version_differences(_parse_version(settings))), ()
