"""The SQL statement that the person can run with one of their own live grants."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.mirror.models import Table
from fulfilment.intents.models import Intent
from portal.access.query_examples import build_query_names
from requests_app.grants.models import Grant


@dataclass(frozen=True)
class OwnQuery:
    """`is_ready`: the grant is proven in AWS and usable. `line` is `text` in one line."""

    grant: Grant
    text: str
    row_filter: str
    is_ready: bool

    @property
    def line(self) -> str:
        return re.sub(r"\n *", " ", self.text)


def choose_own_query(grants: Sequence[Grant], tables: Sequence[Table]) -> OwnQuery | None:
    """`grants` are those of `list_queryable_grants`. By the grant that is ready, else the latest; one of a single table before one that reaches many. None without any."""
    grant = max(grants, key=lambda one: (is_ready(one), not one.item.reaches_many, one.pk), default=None)
    if grant is None:
        return None
    text = build_query_names(grant, _get_reached_table(grant, tables)).formatted_sql
    return OwnQuery(grant, text, grant.item.row_filter, is_ready(grant))


def is_ready(grant: Grant) -> bool:
    intent = grant.intent
    return intent.presence == Intent.Presence.PRESENT and intent.is_proven and intent.usable is not False


def _get_reached_table(grant: Grant, tables: Sequence[Table]) -> Table:
    """For a grant of many tables, the first of `tables` that it covers."""
    if not grant.item.reaches_many:
        return grant.item.table
    return next(table for table in tables if covers_table(grant, table))


def covers_table(grant: Grant, table: Table) -> bool:
    """Whole-database grants cover later tables, tag grants only the approved ones."""
    item = grant.item
    if not item.reaches_many:
        return grant.table_id == table.pk
    if item.whole_database:
        return table.database_id == item.table.database_id
    same_catalog = table.database.catalog_id == item.table.database.catalog_id
    return same_catalog and (table.database.name, table.name) in grant.intent.access.tables
