"""Drift: findings, unmanaged permissions, changed filters, widenings and holds."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import F, Q

from audit.actions import record_event
from catalog.mirror.models import Column, Table
from catalog.tag_changes.mirror_lag import list_unmirrored
from catalog.tag_changes.queries import list_approved_changes, list_managed_assignments
from fulfilment.holds import Hold
from fulfilment.intents.models import Intent
from fulfilment.observations.models import ObservedCellsFilter
from fulfilment.permissions.models import DriftFinding
from identity.accounts import ConnectedCatalog
from lakeformation.access.access import Access
from lakeformation.access.base import ManyTablesAccess
from lakeformation.access.table_access import TableAccess
from lakeformation.drift import (
    CATALOG_KINDS,
    Difference,
    DifferenceKind,
    TableKey,
    find_narrowed_reach,
    find_prerequisite_differences,
    find_share_differences,
    find_surplus,
    find_unjustified,
    find_widened_reach,
)
from lakeformation.effects.tag_effects import ReachedTable
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS, Observation, get_filter_problem
from lakeformation.planning.changes import DriftReport
from lakeformation.planning.desired import DesiredState, IntentSpec
from lakeformation.tagging import adjust_members
from lakeformation.values.permissions import HeldPermissions
from requests_app.access_requests.item_targets import get_access_kind
from requests_app.targets.many_tables import ManyTables, build_member
from workers.engine.catalog_reading import CatalogReading
from workers.engine.claim import Lease, lock_scope, short_transaction
from workers.engine.intents import SETTLED_PRESENCES, build_intent_spec
from workers.engine.proofs import is_proven_present, mark_unknown

LAST_SEEN_INTERVAL = timedelta(minutes=1)
"""Resolution of `last_seen_at`, so that an unchanged scan writes almost nothing."""
IDENTITY_KINDS = frozenset(
    {
        DifferenceKind.TABLE_RECREATED,
        DifferenceKind.TABLE_DELETED,
        DifferenceKind.PRINCIPAL_RECREATED,
        DifferenceKind.PRINCIPAL_DELETED,
    }
)


def find_proven_share_differences(
    specs: Iterable[IntentSpec],
    intents: Mapping[int, Intent],
    desired: DesiredState,
    observation: Observation,
    now: datetime,
) -> list[Difference]:
    """Differences from what live, proven intents of a share scope want."""
    standing = [spec for spec in specs if spec.is_live(now) and is_proven_present(intents[spec.intent_id])]
    return list(find_share_differences(standing, desired, observation))


def find_proven_prerequisite_differences(
    specs: Iterable[IntentSpec], observation: Observation, now: datetime
) -> list[Difference]:
    """Missing filters and locations of proven intents of a catalog."""
    found = [
        difference
        for spec in specs
        if spec.is_live(now)
        for difference in find_prerequisite_differences(spec, observation)
    ]
    concerned = Intent.objects.filter(pk__in={pk for one in found for pk in one.intents})
    proven = {intent.pk for intent in concerned if is_proven_present(intent)}
    return [one for one in found if proven.issuperset(one.intents)]


def build_reverted_filter_differences(drift: Iterable[DriftReport]) -> list[Difference]:
    """Differences for filters that were changed and reverted; see `find_reverted_filters`."""
    told = {pk: report.text for report in drift for pk in report.intents}
    accesses = {intent.pk: intent.access for intent in Intent.objects.filter(pk__in=told)}
    return [
        Difference(
            DifferenceKind.FILTER_CHANGED,
            access.principal_arn,
            *access.target,
            told[pk],
            (pk,),
            subject=access.cells_filter.name if access.cells_filter else "",
        )
        for pk, access in accesses.items()
    ]


def build_drift_reports(differences: Iterable[Difference], told: Iterable[DriftReport]) -> list[DriftReport]:
    """Drift for differences of intents that `told` does not cover."""
    known = {intent for report in told for intent in report.intents}
    return [
        DriftReport(difference.kind, difference.text, difference.intents)
        for difference in differences
        if difference.intents and not known.issuperset(difference.intents)
    ]


def store_findings(lease: Lease, differences: Sequence[Difference]) -> None:
    """Insert new findings and update known ones; in the round's transaction."""
    by_key = {difference.key: difference for difference in differences}
    if not by_key:
        return
    rows = DriftFinding.objects.filter(catalog=lease.scope.catalog, gone_at__isnull=True, key__in=by_key)
    known = {row.key: row for row in rows}
    again = [
        row
        for key, row in known.items()
        if row.text != by_key[key].text or row.last_seen_at < lease.now - LAST_SEEN_INTERVAL
    ]
    for row in again:
        one = by_key[row.key]
        row.text, row.atom, row.last_seen_at = one.text, one.atom_json(), lease.now
    DriftFinding.objects.bulk_update(again, ["text", "atom", "last_seen_at"])
    DriftFinding.objects.bulk_create(
        [_build_finding(lease, key, one) for key, one in by_key.items() if key not in known],
        ignore_conflicts=True,
    )


def _build_finding(lease: Lease, key: str, difference: Difference) -> DriftFinding:
    return DriftFinding(
        catalog=lease.scope.catalog,
        kind=difference.kind,
        key=key,
        principal_arn=difference.principal,
        database=difference.database,
        table=difference.table,
        text=difference.text,
        atom=difference.atom_json(),
        intents=list(difference.intents),
        first_seen_at=lease.now,
        last_seen_at=lease.now,
    )


def close_unseen_findings(
    lease: Lease, differences: Iterable[Difference], *, unread_kinds: Collection[DifferenceKind] = ()
) -> None:
    """Close findings that a complete reading no longer shows, except kinds that were not read."""
    still = {difference.key for difference in differences}
    rows = DriftFinding.objects.filter(
        catalog=lease.scope.catalog, gone_at__isnull=True, kind__in=CATALOG_KINDS
    )
    gone = [row.pk for row in rows.exclude(kind__in=unread_kinds).only("pk", "key") if row.key not in still]
    if gone:
        DriftFinding.objects.filter(pk__in=gone).update(gone_at=lease.now)


def close_repaired_findings(lease: Lease) -> None:
    """Close findings whose intents are proven again or have ended."""
    rows = DriftFinding.objects.filter(catalog=lease.scope.catalog, gone_at__isnull=True)
    waiting = list(rows.exclude(kind__in=CATALOG_KINDS))
    if not waiting:
        return
    settled = Intent.objects.filter(pk__in={pk for row in waiting for pk in row.intents})
    over = {intent.pk: intent for intent in settled.filter(proven_generation=F("generation"))}
    healed = [row for row in waiting if all(_is_resolved(row, over.get(pk)) for pk in row.intents)]
    if not healed:
        return
    with short_transaction(rows=len(healed)):
        lock_scope(lease)
        for row in healed:
            row.gone_at, row.proof_id = lease.now, over[row.intents[0]].evidence_id
        DriftFinding.objects.bulk_update(healed, ["gone_at", "proof"])


def _is_resolved(row: DriftFinding, proven: Intent | None) -> bool:
    """A finding that made an intent stale stays open until the intent ends."""
    if proven is None:
        return False
    is_stale = proven.presence == Intent.Presence.STALE
    return proven.ended_at is not None or not (is_stale and row.kind in IDENTITY_KINDS)


def find_missing_filters(
    specs: Iterable[IntentSpec], reading: CatalogReading, lease: Lease
) -> list[DriftReport]:
    """Filters that were deleted or changed. A catalog round may repair one before a share round sees it."""
    wanted = [(spec.intent_id, spec.access.cells_filter) for spec in specs if spec.is_live(lease.now)]
    known = reading.filters_by_key
    lacks = {intent: lack for intent, one in wanted if one and (lack := get_filter_problem(known, one))}
    return [
        DriftReport("filter", f"{lacks[intent.pk]}; repairing it", (intent.pk,))
        for intent in Intent.objects.filter(pk__in=lacks).order_by("pk")
        if is_proven_present(intent)
    ]


def find_reverted_filters(reading: CatalogReading, lease: Lease) -> list[DriftReport]:
    """Filters with unchanged contents and another version: their holders saw other cells in between.

    Called before the reading is stored, by whichever scope reads first.
    """
    before = {
        (row.database, row.table, row.name): row
        for row in ObservedCellsFilter.objects.filter(catalog=lease.scope.catalog)
    }
    reports = []
    for one, version in reading.filters.items():
        row = before.get(one.key)
        if (
            row is None
            or (row.rows, row.columns) != (one.rows, one.columns.to_json())
            or row.version == version
        ):
            continue
        intents = Intent.objects.filter(
            scope_key__startswith=f"share:{lease.scope.catalog_id}:",
            ended_at__isnull=True,
            wanted__database=one.database,
            wanted__table=one.table,
            wanted__row_filter=one.rows,
        )
        holding = [i for i in intents.order_by("pk") if i.access.cells_filter == one]
        text = f"data cells filter {one.name} was changed by someone and changed back; checking again"
        reports += [
            DriftReport("filter", text, (intent.pk,)) for intent in holding if is_proven_present(intent)
        ]
    return reports


def mark_drifted(drift: Iterable[DriftReport], lease: Lease) -> None:
    """Mark the intents of the drift *unknown*."""
    doubts = ((pk, report.text) for report in drift for pk in report.intents)
    mark_unknown(doubts, verb="found_drift", owner=lease.owner, now=lease.now)


def find_unmanaged(
    catalog: ConnectedCatalog, reading: CatalogReading, specs: Sequence[IntentSpec]
) -> HeldPermissions:
    """Permissions that no intent justifies. `specs` are the specs of the catalog's live intents."""
    # What intents that have ended or are stale still hold until that is proven gone; and permissions on links
    # here.
    over = Q(ended_at__isnull=False) | Q(presence=Intent.Presence.STALE)
    landing = Q(wanted__consumer=catalog.account.account_id, wanted__consumer_region=catalog.region)
    of_share = Q(kind__in=[Intent.Kind.GRANT, Intent.Kind.WRITE]) & (
        Q(scope_key__startswith=f"share:{catalog.pk}:") & over | landing
    )
    intents = Intent.objects.filter(of_share).exclude(
        presence__in=SETTLED_PRESENCES, proven_generation=F("generation")
    )
    return find_unjustified(reading.held, [*specs, *(build_intent_spec(intent) for intent in intents)])


def find_catalog_surplus(
    catalog: ConnectedCatalog,
    extra: HeldPermissions,
    reading: CatalogReading,
    specs: Sequence[IntentSpec],
    now: datetime,
) -> list[Difference]:
    """Unmanaged permissions on tables or principals of our grants."""
    if not extra:
        return []
    live = [spec for spec in specs if spec.is_live(now)]
    intents = Intent.objects.filter(
        scope_key__startswith=f"share:{catalog.pk}:",
        wanted__principal_arn__in={permission.principal for permission in extra},
        presence__in=SETTLED_PRESENCES,
        proven_generation=F("generation"),
    )
    surplus = find_surplus(
        extra,
        live,
        [build_intent_spec(intent) for intent in intents],
        _find_hybrid_intents(extra, live, reading),
    )
    return list(surplus)


def _find_hybrid_intents(
    extra: HeldPermissions, live: Sequence[IntentSpec], reading: CatalogReading
) -> dict[int, bool]:
    """By intent, whether its data lie in hybrid access mode: of interest only where IAM holds anything."""
    if not any(permission.principal == IAM_ALLOWED_PRINCIPALS for permission in extra):
        return {}
    locations = Observation(locations=frozenset(reading.locations), hybrid_locations=reading.hybrid_locations)
    return {spec.intent_id: locations.is_hybrid(spec.access) for spec in live}


def hold_columns(lease: Lease, specs: Iterable[IntentSpec]) -> None:
    """A hold for each column added to a table whose grant holds new columns, as mirrored; in the transaction
    that holds the lease. Those whose column or grant is gone end.
    """
    growing = {
        spec.intent_id: access
        for spec in specs
        if isinstance(access := spec.access, TableAccess)
        and access.holds_new_columns
        and spec.is_live(lease.now)
    }
    rows = Hold.objects.filter(catalog=lease.scope.catalog, kind=Hold.Kind.COLUMN, ended_at__isnull=True)
    known = {(row.intent_id, row.column): row for row in rows}
    shut = {(pk, name): one for pk, one in growing.items() for name in _find_new_columns(lease, one)}
    for key, row in known.items():
        if key not in shut:
            _end_hold(lease, row, Hold.End.IDLE)
    intents = Intent.objects.in_bulk({pk for pk, _name in shut.keys() - known.keys()})
    for pk, name in sorted(shut.keys() - known.keys()):
        _hold_column(lease, intents[pk], shut[pk, name], name)


def _find_new_columns(lease: Lease, access: TableAccess) -> Iterator[str]:
    """Columns of the approved table that its grant does not include; not of another table of that name."""
    columns = Column.objects.filter(
        table__database__catalog=lease.scope.catalog,
        table__database__name=access.database,
        table__name=access.table,
        table__glue_created_at=access.table_created,
        table__tombstoned_at=None,
        is_partition_key=False,
    )
    names = columns.values_list("name", flat=True)
    return (name.lower() for name in names if name not in access.columns)


def _hold_column(lease: Lease, intent: Intent, access: TableAccess, column: str) -> None:
    role = access.principal_arn.rsplit("/", 1)[-1]
    text = f"{column} was added to {access.database}.{access.table}, and {role} can't see it yet"
    row = Hold.objects.create(
        kind=Hold.Kind.COLUMN,
        catalog=lease.scope.catalog,
        scope_key=intent.scope_key,
        intent=intent,
        database=access.database,
        table=access.table,
        column=column,
        text=text,
        since=lease.now,
    )
    _record_hold(lease, "hold_column", intent.subject, row)


def hold_removals(lease: Lease, reason: str) -> None:
    """Create a hold for removals that a valve stops, once, or end it if `reason` is empty."""
    key = lease.scope.key
    row = Hold.objects.filter(scope_key=key, kind=Hold.Kind.REMOVALS, ended_at__isnull=True).first()
    if row and not reason:
        _end_hold(lease, row, Hold.End.LET_THROUGH)
    elif reason and row is None:
        row = Hold.objects.create(
            kind=Hold.Kind.REMOVALS, catalog=lease.scope.catalog, scope_key=key, text=reason, since=lease.now
        )
        _record_hold(lease, "hold_removals", f"scope:{key}", row)


def _end_hold(lease: Lease, row: Hold, how: Hold.End) -> None:
    """Does nothing if somebody released the column meanwhile."""
    if Hold.objects.filter(pk=row.pk, ended_at__isnull=True).update(ended_at=lease.now, ended_as=how):
        row.ended_as = how
        subject = row.intent.subject if row.intent else f"scope:{row.scope_key}"
        _record_hold(lease, "end_hold", subject, row)


def _record_hold(lease: Lease, verb: str, subject: str, row: Hold) -> None:
    data = {"hold": row.pk, "intent": row.intent_id, "found": row.text, "ended_as": row.ended_as}
    record_event(verb=verb, actor=f"engine:{lease.owner}", subject=subject, data=data, now=lease.now)


MAX_TABLES = 1000
"""Tables compared for one expression or database."""


def find_widenings(catalog: ConnectedCatalog, specs: Sequence[IntentSpec], now: datetime) -> list[Difference]:
    """What the grants of live intents reach beyond the approval, and what LF-Tags no longer reach of it. There is a
    reading of the mirror for each expression, database and grant by LF-Tags.
    """
    mine = {spec.intent_id: spec for spec in specs if spec.access.reaches_many_tables and spec.is_live(now)}
    by = {pk: (spec.access.kind, spec.access.target, spec.access.tag_expression) for pk, spec in mine.items()}
    reached = {key: _load_members(catalog, mine[pk].access) for pk, key in by.items()}
    approved = list_approved_changes(catalog).values_list("effects", flat=True)
    changes = [change for effects in approved for change in effects["reach"]]
    # Tables whose approved LF-Tags the mirror does not show: it is older than the change, or a `TAGS_CHANGED`
    # finding says that somebody changed them. They are compared again once it shows them.
    late = list_unmirrored(catalog, list_managed_assignments(catalog))
    whole = {one.target.database for one in late if not one.target.table}
    tables = Table.objects.filter(database__catalog=catalog, database__name__in=whole, tombstoned_at=None)
    named = {(one.target.database, one.target.table) for one in late if one.target.table}
    unsettled = named | set(tables.values_list("database__name", "name"))
    differences: list[Difference] = []
    for intent in Intent.objects.filter(pk__in=mine).order_by("pk"):
        own = [change for change in changes if change["intent"] == intent.pk]
        every = adjust_members(intent.effects["members"], own)
        spec, agreed = (
            mine[intent.pk],
            [one for one in every if (one["database"], one["table"]) not in unsettled],
        )
        now_there = [one for one in reached[by[intent.pk]] if (one.database, one.table) not in unsettled]
        differences += find_widened_reach(spec, agreed, now_there)
        if isinstance(spec.access, ManyTablesAccess) and spec.access.reports_narrowing:
            rows = Column.objects.filter(
                table__database__catalog=catalog,
                table__database__name__in={one["database"] for one in agreed},
                table__name__in={one["table"] for one in agreed},
                table__tombstoned_at=None,
            )
            existing_columns: dict[TableKey, set[str]] = defaultdict(set)
            table = "table__database__name", "table__name", "table__glue_created_at"
            for database, name, created, column in rows.values_list(*table, "name"):
                existing_columns[database, name, created].add(column)
            differences += find_narrowed_reach(spec, agreed, now_there, existing_columns)
    return differences


def record_new_widenings(lease: Lease, differences: Sequence[Difference]) -> None:
    """Record an event for each widening without an open finding; in the transaction that writes the finding."""
    wider = [difference for difference in differences if difference.kind == DifferenceKind.WIDENED]
    if not wider:
        return
    rows = DriftFinding.objects.filter(
        catalog=lease.scope.catalog, gone_at__isnull=True, kind=DifferenceKind.WIDENED
    )
    known = set(rows.values_list("key", flat=True))
    subjects = dict(
        Intent.objects.filter(pk__in=[one.intents[0] for one in wider]).values_list("pk", "subject")
    )
    for one in wider:
        if one.key not in known:
            data = {"intent": one.intents[0], "database": one.database, "table": one.table, "found": one.text}
            actor, subject = f"engine:{lease.owner}", subjects[one.intents[0]]
            record_event(verb="found_widening", actor=actor, subject=subject, data=data, now=lease.now)


def _load_members(catalog: ConnectedCatalog, access: Access) -> list[ReachedTable]:
    kind = get_access_kind(access)
    assert issubclass(kind, ManyTables)
    return [build_member(table) for table in kind.list_reached(catalog, access, MAX_TABLES)]
