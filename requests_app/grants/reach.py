"""Whether a grant can be used, and which tables it covers."""

from catalog.mirror.models import Table
from fulfilment.intents.models import Intent
from requests_app.grants.models import Grant


def is_ready(grant: Grant) -> bool:
    """Whether it is proven in AWS, and nothing is known to stand in the way of using it."""
    intent = grant.intent
    return intent.presence == Intent.Presence.PRESENT and intent.is_proven and intent.usable is not False


def covers_table(grant: Grant, table: Table) -> bool:
    """Whole-database grants cover later tables, tag grants only the approved ones."""
    item = grant.item
    if not item.reaches_many:
        return grant.table_id == table.pk
    if item.whole_database:
        return table.database_id == item.table.database_id
    same_catalog = table.database.catalog_id == item.table.database.catalog_id
    return same_catalog and (table.database.name, table.name) in grant.intent.access.tables
