"""Reads row-level security policies and their attachments, and the LF-Tags of tables that attachments by tags may reach."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from catalog.mirror.models import Column, Table
from identity.accounts.models import ConnectedCatalog
from lakeformation.observation.parsing import parse_row_policy_attachment
from lakeformation.values.row_policies import LISTING_ACTIONS, RowPolicies, TableTags
from workers.aws import reads
from workers.aws.errors import AwsError, ErrorKind

TableName = tuple[str, str]
"""Database and name of a table."""
UNREAD_KINDS = frozenset({ErrorKind.DENIED, ErrorKind.ABSENT, ErrorKind.INVALID})
"""Errors after which the policies are *unknown* and the reading goes on: the action is not allowed, or the region has none."""


def read_row_policies(lakeformation: Any) -> RowPolicies:
    """Of the account's catalog. What AWS refuses to list is said in `unread`. AwsError where another try may help."""
    try:
        attached = reads.list_row_policy_attachments(lakeformation)
        policies = reads.list_row_policies(lakeformation) if attached else []
    except AwsError as error:
        if error.kind not in UNREAD_KINDS:
            raise
        actions = " and ".join(LISTING_ACTIONS)
        return RowPolicies(
            unread=f"row-level security policies could not be read ({actions}): {error.message}"
        )
    expressions = {str(row.get("Name")): str(row.get("FilterExpression") or "") for row in policies}
    return RowPolicies(frozenset(parse_row_policy_attachment(row, expressions) for row in attached))


def read_table_tags(
    catalog: ConnectedCatalog, policies: RowPolicies, tables: Collection[TableName]
) -> dict[TableName, TableTags]:
    """Of the mirrored ones among these tables, with those of their columns. No query where nothing is attached by tags."""
    if not any(one.tags for one in policies.attachments):
        return {}
    rows = Table.objects.filter(
        database__catalog=catalog, database__name__in={name for name, _ in tables}, tombstoned_at=None
    )
    keys = {pk: (database, name) for pk, database, name in rows.values_list("pk", "database__name", "name")}
    wanted = [pk for pk, key in keys.items() if key in tables]
    found: dict[TableName, list[dict[str, str]]] = defaultdict(list)
    for model, owner in ((Table, "pk"), (Column, "table_id")):
        for pk, tags in model.objects.filter(**{f"{owner}__in": wanted}).values_list(owner, "tags"):
            found[keys[pk]].append(tags)
    return dict(found)
