"""Whether a grant can be used, and which tables it covers."""

from django.db.models import QuerySet

from catalog.mirror.models import Table
from fulfilment.intents.models import Intent
from requests_app.grants.models import Grant


def is_ready(grant: Grant) -> bool:
    """Whether it is proven in AWS, and nothing is known to stand in the way of using it."""
    intent = grant.intent
    return intent.presence == Intent.Presence.PRESENT and intent.is_proven and intent.usable is not False


def filter_covered_tables(grant: Grant, tables: QuerySet[Table]) -> QuerySet[Table]:
    """Selects the `tables` that Glue has and the grant covers, by name."""
    live = tables.filter(tombstoned_at=None).order_by("database__name", "name", "pk")
    return grant.item.target.filter_tables(live, grant.intent.access)


def covers_table(grant: Grant, table: Table) -> bool:
    """Whole-database grants cover later tables, tag grants only the approved ones."""
    return grant.item.target.covers_table(table, grant.intent.access)
