"""*Query it*: the statement that a person can run by a live grant of their own, and nothing that they lack."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.mirror.models import Table
from fulfilment.intents.models import Intent
from identity.people.models import Person
from portal.access.query_examples import names_of
from requests_app.grants.models import Grant
from requests_app.grants.queries import list_queryable_grants


@dataclass(frozen=True)
class OwnQuery:
    """`row_rule` says which rows come back; `is_ready`: AWS was read to hold the grant, and nothing stands in its way."""

    grant: Grant
    text: str
    row_rule: str
    is_ready: bool


def own_query(person: Person, tables: Sequence[Table], now: datetime) -> OwnQuery | None:
    """By the grant that is ready, else the latest; one of a single table before one that reaches many. None without any.
    One query.
    """
    grants = list(list_queryable_grants(person, tables, now))
    grant = max(grants, key=lambda one: (is_ready(one), not one.item.reaches_many, one.pk), default=None)
    if grant is None:
        return None
    text = names_of(grant, _table_of(grant, tables)).statement
    return OwnQuery(grant, text, grant.item.row_rule, is_ready(grant))


def is_ready(grant: Grant) -> bool:
    intent = grant.intent
    return intent.presence == Intent.Presence.PRESENT and intent.is_proven and intent.usable is not False


def _table_of(grant: Grant, tables: Collection[Table]) -> Table:
    """Of one that reaches many, the first of these tables that it reaches."""
    if not grant.item.reaches_many:
        return grant.item.table
    reached = grant.intent.access.tables
    return next(table for table in tables if _is_reached(grant, table, reached))


def _is_reached(grant: Grant, table: Table, reached: Collection[tuple[str, str]]) -> bool:
    """A whole database is reached with the tables that came later; LF-Tags with those that were agreed to."""
    if grant.item.whole_database:
        return table.database_id == grant.item.table.database_id
    same_catalog = table.database.catalog_id == grant.item.table.database.catalog_id
    return same_catalog and (table.database.name, table.name) in reached
