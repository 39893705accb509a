"""An item as Lake Formation access, and the effects of approving it."""

from dataclasses import replace

from catalog.mirror.models import Column, Table
from fulfilment.preview.tables import Preview, at_hand, is_in_hybrid_mode, preview
from fulfilment.query_cache import Readings
from identity.people.models import Person
from lakeformation.access.access import Access
from lakeformation.effects.table_effects import Effects, TableColumn
from lakeformation.values.column_sets import ColumnSet
from requests_app.access_requests.models import Item
from requests_app.targets.databases import database_access, inside_of, preview_of_database, whole
from requests_app.targets.lf_tags import cells_by_tags, preview_of_tags, reached_by, reached_for, tags_access
from requests_app.targets.parties import access_between


def access_of(item: Item, readings: Readings | None = None) -> Access:
    """What the item's grant would want: one principal, one table, a set of columns; or what reaches many."""
    if item.tags:
        return tags_access(item, reached_by(item))
    if item.whole_database:
        return database_access(item, inside_of(item))
    read, table, catalog = readings or Readings(), item.table, item.table.database.catalog
    access = access_between(
        item,
        database=table.database.name,
        table=table.name,
        table_created=table.glue_created_at,
        columns=_columns(item, read),
        location=table.location,
        row_rule=item.row_rule,
        metadata_only=item.metadata_only,
        grows=item.whole_table and catalog.holds_new_columns,
    )
    path = access.registration
    return replace(access, in_hybrid_mode=path is not None and is_in_hybrid_mode(catalog, path.arn, read))


def effects_of(item: Item, readings: Readings | None = None) -> Effects:
    """The effects of agreeing to the item, from the mirror as it is now."""
    return preview_of(item, readings).effects


def shown_to(viewer: Person, item: Item, effects: Effects) -> Effects:
    """The effects without an obstacle that rests on tables which the viewer does not see either."""
    if not (item.reaches_many and effects.refusals):
        return effects
    found = reached_for(item, viewer) if item.tags else whole(item.table.database, viewer)
    others = tuple(one for one in effects.refusals if one != found.obstacle)
    return replace(effects, refusals=others)


def preview_of(item: Item, readings: Readings | None = None) -> Preview:
    """The effects of agreeing to the item, and the calls that it would set off. Several may share `readings`."""
    if item.tags:
        return preview_of_tags(item)
    if item.whole_database:
        return preview_of_database(item)
    read = readings or Readings()
    at_hand(item.table.database.catalog, item.request.principal.account, read)
    columns, besides = list(map(_table_column, _columns_of(item.table, read))), cells_by_tags(item, read)
    access = access_of(item, read)
    return preview(
        access, table_columns=columns, asked=item.columns, besides=besides, made_by=item.table.made_by,
        readings=read,
    )  # fmt: skip


def table_columns(table: Table) -> list[TableColumn]:
    """The table's columns as effects look at them. No query where they are prefetched."""
    return [_table_column(column) for column in table.columns.all()]


def _columns_of(table: Table, readings: Readings) -> list[Column]:
    """Once, also where they are not prefetched."""
    return readings.once(("columns", table.pk), lambda: list(table.columns.all()))


def _columns(item: Item, readings: Readings) -> ColumnSet:
    """Without partition keys: Lake Formation refuses them in a column grant, and shows them with any column.

    Of the whole table, those that are there where the catalog holds back what comes later; else every one for ever.
    """
    if item.whole_table and not item.table.database.catalog.holds_new_columns:
        return ColumnSet.every()
    columns = _columns_of(item.table, readings)
    keys = {column.name for column in columns if column.is_partition_key}
    names = [column.name for column in columns] if item.whole_table else item.columns
    return ColumnSet.include(name for name in names if name not in keys)


def _table_column(column: Column) -> TableColumn:
    return TableColumn(
        name=column.name, classification=column.classification, is_partition_key=column.is_partition_key
    )
