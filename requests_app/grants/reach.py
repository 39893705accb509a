"""Whether a grant can be used, and which tables it covers."""

from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from catalog.mirror.models import Table
from fulfilment.intents.models import Intent
from requests_app.grants.models import Grant


def is_ready(grant: Grant) -> bool:
    """Whether it is proven in AWS, and nothing is known to stand in the way of using it."""
    intent = grant.intent
    return intent.presence == Intent.Presence.PRESENT and intent.is_proven and intent.usable is not False


def filter_covered_tables(grant: Grant, tables: QuerySet[Table]) -> QuerySet[Table]:
    """Those of `tables` that Glue has and the grant covers, by name."""
    item, catalog = grant.item, grant.item.table.database.catalog_id
    live = tables.filter(tombstoned_at=None).order_by("database__name", "name", "pk")
    if not item.reaches_many:
        return live.filter(pk=grant.table_id)
    if item.whole_database:
        return live.filter(database=item.table.database_id)
    members: dict[str, list[str]] = {}
    for database, name in grant.intent.access.tables:
        members.setdefault(database, []).append(name)
    wanted = (Q(database__name=database, name__in=names) for database, names in members.items())
    return live.filter(reduce(or_, wanted, Q(pk__in=())), database__catalog=catalog)


def covers_table(grant: Grant, table: Table) -> bool:
    """Whole-database grants cover later tables, tag grants only the approved ones."""
    item = grant.item
    if not item.reaches_many:
        return grant.table_id == table.pk
    if item.whole_database:
        return table.database_id == item.table.database_id
    same_catalog = table.database.catalog_id == item.table.database.catalog_id
    return same_catalog and (table.database.name, table.name) in grant.intent.access.tables
