"""The SQL statement that the person can run with one of their own live grants."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.mirror.models import Table
from fulfilment.intents.models import Intent
from identity.people.models import Person
from portal.access.query_examples import build_query_names
from requests_app.grants.models import Grant
from requests_app.grants.queries import list_queryable_grants


@dataclass(frozen=True)
class OwnQuery:
    """`is_ready`: the grant is proven in AWS and usable."""

    grant: Grant
    text: str
    row_filter: str
    is_ready: bool


def find_own_query(person: Person, tables: Sequence[Table], now: datetime) -> OwnQuery | None:
    """By the grant that is ready, else the latest; one of a single table before one that reaches many. None without any.
    One query.
    """
    grants = list(list_queryable_grants(person, tables, now))
    grant = max(grants, key=lambda one: (is_ready(one), not one.item.reaches_many, one.pk), default=None)
    if grant is None:
        return None
    text = build_query_names(grant, _get_reached_table(grant, tables)).formatted_sql
    return OwnQuery(grant, text, grant.item.row_filter, is_ready(grant))


def is_ready(grant: Grant) -> bool:
    intent = grant.intent
    return intent.presence == Intent.Presence.PRESENT and intent.is_proven and intent.usable is not False


def _get_reached_table(grant: Grant, tables: Collection[Table]) -> Table:
    """For a grant of many tables, the first of `tables` that it covers."""
    if not grant.item.reaches_many:
        return grant.item.table
    reached = grant.intent.access.tables
    return next(table for table in tables if _is_reached(grant, table, reached))


def _is_reached(grant: Grant, table: Table, reached: Collection[tuple[str, str]]) -> bool:
    """Whole-database grants cover later tables, tag grants only the approved ones."""
    if grant.item.whole_database:
        return table.database_id == grant.item.table.database_id
    same_catalog = table.database.catalog_id == grant.item.table.database.catalog_id
    return same_catalog and (table.database.name, table.name) in reached
