"""An item of a whole database in the words of Lake Formation."""

from dataclasses import replace

from fulfilment.preview.lf_tags import preview_tags
from fulfilment.preview.tables import Preview
from lakeformation.access.access import Access
from lakeformation.values.permissions import ALL_TABLES
from requests_app.by_database.reach import Whole, whole
from requests_app.models import Item
from requests_app.parties import access_between


def inside_of(item: Item) -> Whole:
    """What the item's database holds now, as its asker sees it."""
    return whole(item.table.database, item.request.asker)


def database_access(item: Item, found: Whole) -> Access:
    """What the item's grant would want: one principal, every table of the database for ever."""
    database = found.database
    return access_between(
        item,
        database=database.name,
        table=ALL_TABLES,
        table_created=database.glue_created_at,
        inside=found.inside,
    )


def preview_of_database(item: Item) -> Preview:
    """The effects of agreeing to the item, and the calls that it would set off."""
    found = inside_of(item)
    shown = preview_tags(found.catalog, database_access(item, found), found.members)
    refusal = found.refusal or found.obstacle
    if not refusal:
        return shown
    effects = replace(shown.effects, refusals=(refusal, *shown.effects.refusals))
    return Preview(effects, shown.calls)
