"""Opens decisions on tables that were created again, for the workers, and closes those of which nothing is left."""

from datetime import datetime
from typing import Any

from django.db import transaction

from audit.actions import record_event
from background.tasks import ErrorCollector
from catalog.mirror.models import Table
from catalog.products.may import list_data_owner_ids
from fulfilment.intents.models import Intent
from fulfilment.intents.queries import build_stale_filter
from lakeformation.observation.stale_reasons import describe_deleted, describe_recreated, name_table
from requests_app.policies.evaluation import lock_policies
from requests_app.recreated_tables.kept_grants import compare_locked_grants, keep_grants
from requests_app.recreated_tables.may import may_keep_grant, may_keep_recreated_table
from requests_app.recreated_tables.models import RecreatedTable
from requests_app.recreated_tables.queries import list_lapsed_tables, list_left_grants, list_tables_to_open
from requests_app.recreated_tables.rules import find_keeping_policy
from requests_app.recreated_tables.states import RECREATED_TABLE_TRANSITIONS, RecreatedTableState

ACTOR = "engine:clerk"
NOBODY = 0
UNKNOWN_CREATOR = "an unknown creator"


def open_decisions(now: datetime) -> int:
    """Each in its own transaction; returns how many were opened or closed."""
    count, faults = 0, ErrorCollector()
    for pk in list_tables_to_open():
        with faults.collect(f"table {pk}"):
            count += open_decision(table_id=pk, now=now) is not None
    for pk in list(list_lapsed_tables().values_list("pk", flat=True)):
        with faults.collect(f"recreated table {pk}"):
            count += lapse_decision(recreated_table_id=pk, now=now)
    faults.raise_first()
    return count


@transaction.atomic(durable=True)
def open_decision(*, table_id: int, now: datetime) -> RecreatedTable | None:
    """Put the table on the record and tell the data owners of its domain, or keep the grants where a rule of theirs says so. None
    if another worker did, or the table is gone.
    """
    lock_policies()
    related = ("database__catalog__account", "database__domain__owner_team")
    rows = Table.objects.select_related(*related).prefetch_related("columns")
    table = rows.filter(pk=table_id, tombstoned_at=None).first()
    if table is None:
        return None
    row, is_new = RecreatedTable.objects.get_or_create(table=table, defaults={"found_at": now})
    if not is_new:
        return None
    row.table = table
    _correct_reasons(row)
    if not _keep_by_rule(row, now):
        _record_opening(row, now)
    return row


@transaction.atomic(durable=True)
def lapse_decision(*, recreated_table_id: int, now: datetime) -> bool:
    """Close a decision of which nothing is left. False if it was decided, or there is something again."""
    row = list_lapsed_tables().select_for_update(of=("self",)).filter(pk=recreated_table_id).first()
    if row is None:
        return False
    row.state = RECREATED_TABLE_TRANSITIONS.check(row.state, RecreatedTableState.LAPSED)
    row.decided_at = now
    row.event = record_event(verb="lapse_recreated_table", actor=ACTOR, subject=row.subject, data={}, now=now)
    row.save(update_fields=["state", "decided_at", "event"])
    return True


def _correct_reasons(row: RecreatedTable) -> None:
    """Of grants that were proven gone while the table was, whose page would say that it still is."""
    name = name_table(row.table.database.name, row.table.name)
    left = list_left_grants(row.table).order_by().values("intent")
    stale = Intent.objects.filter(build_stale_filter(), pk__in=left, failure=describe_deleted(name))
    stale.update(failure=describe_recreated(name))


def _record_opening(row: RecreatedTable, now: datetime) -> None:
    domain = row.table.database.domain
    data = _build_data(row) | {
        "people": list_data_owner_ids(domain, without=NOBODY) if domain else [],
        "count": list_left_grants(row.table).count(),
        "reason": row.table.created_by or UNKNOWN_CREATOR,
    }
    record_event(verb="find_recreated_table", actor=ACTOR, subject=row.subject, data=data, now=now)


def _build_data(row: RecreatedTable) -> dict[str, Any]:
    return {
        "what": str(row),
        "created_by": row.table.created_by,
        "created_at": row.table.glue_created_at,
    }


def _keep_by_rule(row: RecreatedTable, now: datetime) -> bool:
    """Whether a rule decided all of it. What it may not keep, a person decides."""
    policy = find_keeping_policy(row.table)
    if (
        policy is None
        or policy.published_by is None
        or not may_keep_recreated_table(policy.published_by, row)
    ):
        return False
    comparison = compare_locked_grants(row)
    publisher = policy.published_by
    kept = [
        one.grant
        for one in comparison.grants
        if one.is_keepable and one.differences.is_same and may_keep_grant(publisher, one.grant, row.table)
    ]
    if not kept:
        return False
    data = _build_data(row) | {"policy": policy.pk, "grants": [grant.pk for grant in kept]}
    event = record_event(
        verb="keep_recreated_table_by_rule", actor=ACTOR, subject=row.subject, data=data, now=now
    )
    keep_grants(row, kept, event, now)
    if len(kept) < len(comparison.grants):
        return False
    row.state = RECREATED_TABLE_TRANSITIONS.check(row.state, RecreatedTableState.KEPT)
    row.by_rule, row.decided_by, row.decided_at, row.event = policy, publisher, now, event
    row.save(update_fields=["state", "by_rule", "decided_by", "decided_at", "event"])
    return True
