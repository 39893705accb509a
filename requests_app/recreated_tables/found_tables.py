"""Opens decisions on tables that were created again, for the workers, and closes those of which nothing is left."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from audit.actions import record_event
from audit.models import Event
from background.tasks import ErrorCollector
from catalog.mirror.models import Table
from catalog.products.may import list_data_owner_ids
from catalog.products.models import Domain
from catalog.search.index.indexing import index_products_of_tables
from fulfilment.intents.actions import wake_scope
from fulfilment.intents.models import Intent, build_stale_filter
from identity.accounts import Principal
from lakeformation.observation.reading import describe_deleted, describe_recreated, name_table
from lakeformation.values.arn import is_created_by
from requests_app.access_requests.locks import lock_write_approvals
from requests_app.grants.models import Grant
from requests_app.grants.queries import get_locked_grant
from requests_app.policies.evaluation import list_published_versions, lock_policies, parse_version_rules
from requests_app.policies.models import PolicyVersion
from requests_app.recreated_tables.comparison import Comparison, compare_grants
from requests_app.recreated_tables.may import may_keep_grant, may_keep_recreated_table
from requests_app.recreated_tables.models import KeptGrant, RecreatedTable
from requests_app.recreated_tables.queries import list_lapsed_tables, list_left_grants, list_tables_to_open
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
    # Of grants that were proven gone while the table was, whose page would say that it still is.
    name = name_table(row.table.database.name, row.table.name)
    left = list_left_grants(row.table).order_by().values("intent")
    stale = Intent.objects.filter(build_stale_filter(), pk__in=left, failure=describe_deleted(name))
    stale.update(failure=describe_recreated(name))
    if not _keep_by_rule(row, now):
        domain = row.table.database.domain
        data = _build_data(row) | {
            "people": list_data_owner_ids(domain, without=NOBODY) if domain else [],
            "count": list_left_grants(row.table).count(),
            "reason": row.table.created_by or UNKNOWN_CREATOR,
        }
        record_event(verb="find_recreated_table", actor=ACTOR, subject=row.subject, data=data, now=now)
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


def _build_data(row: RecreatedTable) -> dict[str, Any]:
    return {
        "what": str(row),
        "created_by": row.table.created_by,
        "created_at": row.table.glue_created_at,
    }


def _keep_by_rule(row: RecreatedTable, now: datetime) -> bool:
    """Whether a rule decided all of it. What it may not keep, a person decides."""
    policy = _find_keeping_policy(row.table)
    if (
        policy is None
        or policy.published_by is None
        or not may_keep_recreated_table(policy.published_by, row)
    ):
        return False
    comparison = compare_locked_grants(row)
    publisher = policy.published_by
    kept = [
        grant.grant
        for grant in comparison.grants
        if grant.is_keepable
        and grant.differences.is_same
        and may_keep_grant(publisher, grant.grant, row.table)
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


def _find_creator(table: Table, domain: Domain | None) -> Principal | None:
    """The role or user of a producer account of the domain's team that Glue names as the table's creator; None if it is somebody
    else's, or not known.
    """
    if domain is None or not table.created_by:
        return None
    rows = Principal.objects.filter(
        account__is_producer=True, account__team=domain.owner_team_id, gone_at=None, is_portal=False
    ).select_related("account")
    return next((row for row in rows if is_created_by(table.created_by, row.arn)), None)


def _find_keeping_policy(table: Table) -> PolicyVersion | None:
    """The published policy of the table's domain with a rule that names its creator; None if people decide."""
    domain = table.database.domain
    creator = _find_creator(table, domain)
    if creator is None:
        return None
    for version in list_published_versions(domain):
        if version.domain_id is not None and any(
            creator.arn in rule.then.keep_recreated_by for rule in parse_version_rules(version)
        ):
            return version
    return None


def compare_locked_grants(row: RecreatedTable) -> Comparison:
    """What `compare_left_grants` says, with each grant and its request locked, and other decisions for the same roles on the
    table kept waiting.
    """
    for pk in list_left_grants(row.table).values_list("pk", flat=True):
        grant = get_locked_grant(None, pk)
        lock_write_approvals(grant.principal_id, row.table_id)
    return compare_grants(row, list(list_left_grants(row.table)))


def keep_grants(row: RecreatedTable, grants: Sequence[Grant], event: Event, now: datetime) -> None:
    """All of them, with what was passed on of them. A trigger binds grants, items, intents and their places in data products to the
    new table: see `requests_app/migrations/sql/recreated_tables_0004.sql`. The engine grants and proves them anew.
    """
    KeptGrant.objects.bulk_create(
        KeptGrant(recreated_table=row, grant=grant, former_table_id=grant.table_id, event=event)
        for grant in grants
    )
    for key in sorted({grant.intent.scope_key for grant in grants}):
        wake_scope(scope_key=key, reason="a table that was created again is granted", now=now)
    index_products_of_tables([row.table_id])
