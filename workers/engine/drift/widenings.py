"""Grants by LF-Tags, and of whole databases, that reach more than was approved, as the mirror knows it; each
is on the record once.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from audit.actions import record_event
from catalog.mirror.models import Column, Table
from catalog.tag_changes.mirror_lag import list_unmirrored
from catalog.tag_changes.queries import list_approved_changes, list_managed_assignments
from fulfilment.intents.models import Intent
from fulfilment.permissions.models import DriftFinding
from identity.accounts.models import ConnectedCatalog
from lakeformation.access.access import Access
from lakeformation.access.base import ManyTablesAccess
from lakeformation.drift.differences import Difference, DifferenceKind
from lakeformation.drift.reach_changes import TableKey, find_narrowed_reach, find_widened_reach
from lakeformation.effects.tag_effects import ReachedTable
from lakeformation.planning.desired import IntentSpec
from lakeformation.tagging.effects import adjust_members
from requests_app.access_requests.item_targets import get_access_kind
from requests_app.targets.many_tables import ManyTables, build_member
from workers.engine.claim import Lease

MAX_TABLES = 1000
"""Tables compared for one expression or database."""


def find_widenings(
    catalog: ConnectedCatalog, wishes: Sequence[IntentSpec], now: datetime
) -> list[Difference]:
    """Of live intents, and what LF-Tags no longer reach of them. A reading of the mirror for each expression,
    database and grant by LF-Tags.
    """
    mine = {wish.intent_id: wish for wish in wishes if wish.access.reaches_many_tables and wish.is_live(now)}
    by = {pk: (wish.access.kind, wish.access.target, wish.access.tag_expression) for pk, wish in mine.items()}
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
    found: list[Difference] = []
    for intent in Intent.objects.filter(pk__in=mine).order_by("pk"):
        own = [change for change in changes if change["intent"] == intent.pk]
        every = adjust_members(intent.effects["members"], own)
        wish, agreed = (
            mine[intent.pk],
            [one for one in every if (one["database"], one["table"]) not in unsettled],
        )
        now_there = [one for one in reached[by[intent.pk]] if (one.database, one.table) not in unsettled]
        found += find_widened_reach(wish, agreed, now_there)
        if isinstance(wish.access, ManyTablesAccess) and wish.access.reports_narrowing:
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
            found += find_narrowed_reach(wish, agreed, now_there, existing_columns)
    return found


def record_new_widenings(lease: Lease, found: Sequence[Difference]) -> None:
    """Record an event for each widening without an open finding; in the transaction that writes the finding."""
    wider = [one for one in found if one.kind == DifferenceKind.WIDENED]
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
    return [build_member(one) for one in kind.list_reached(catalog, access, MAX_TABLES)]
