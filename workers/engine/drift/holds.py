"""Creates holds, records each once, and ends those that are no longer needed."""

from collections.abc import Iterable, Iterator

from audit.actions import record_event
from catalog.mirror.models import Column
from fulfilment.holds.models import Hold
from fulfilment.intents.models import Intent
from lakeformation.access.table_access import TableAccess
from lakeformation.planning.desired import IntentSpec
from workers.engine.claim import Lease


def hold_columns(lease: Lease, wishes: Iterable[IntentSpec]) -> None:
    """A hold for each column added to a table whose grant holds new columns, as mirrored; in the transaction
    that holds the lease. Those whose column or grant is gone end.
    """
    growing = {
        wish.intent_id: access
        for wish in wishes
        if isinstance(access := wish.access, TableAccess)
        and access.holds_new_columns
        and wish.is_live(lease.now)
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
    found = Column.objects.filter(
        table__database__catalog=lease.scope.catalog,
        table__database__name=access.database,
        table__name=access.table,
        table__glue_created_at=access.table_created,
        table__tombstoned_at=None,
        is_partition_key=False,
    )
    names = found.values_list("name", flat=True)
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
