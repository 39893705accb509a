"""An item as Lake Formation access, and the effects of approving it."""

from collections.abc import Sequence
from dataclasses import replace

from catalog.mirror.models import ColumnFacts, Table
from fulfilment.preview.tables import Preview, cache_catalog, is_in_hybrid_mode, preview_access
from identity.people.models import Person
from kernel.query_cache import QueryCache
from lakeformation.access.access import Access
from lakeformation.access.link_naming import LinkNaming
from lakeformation.access.table_access import TableAccess
from lakeformation.effects.table_effects import Effects, TableColumn
from lakeformation.values.column_sets import ColumnSet
from requests_app.access_requests.models import RequestItem
from requests_app.targets.lf_tags import list_tag_cells
from requests_app.targets.many_tables import build_table_columns, build_table_tags
from requests_app.targets.parties import build_item_parties


def build_access(item: RequestItem, readings: QueryCache | None = None) -> Access:
    """What the item's grant would want: one principal, one table, a set of columns; or what reaches many."""
    return item.target.build_access(readings)


def build_table_access(item: RequestItem, readings: QueryCache | None = None) -> TableAccess:
    """Of an item of one table."""
    read, table, catalog = readings or QueryCache(), item.table, item.table.database.catalog
    account, database = item.request.principal.account, item.table.database
    link_naming = LinkNaming(by_table=account.uses_table_links(database.catalog_id, database.name))
    access = TableAccess(
        parties=build_item_parties(item),
        database=table.database.name,
        table=table.name,
        table_created=table.glue_created_at,
        columns=_build_column_set(item, read),
        location=table.location,
        row_filter=item.row_filter,
        metadata_only=not item.target.shows_data,
        holds_new_columns=item.target.has_future_columns and catalog.holds_new_columns,
        link_naming=link_naming,
    )
    path = access.registration
    return replace(access, in_hybrid_mode=path is not None and is_in_hybrid_mode(catalog, path.arn, read))


def compute_effects(item: RequestItem, readings: QueryCache | None = None) -> Effects:
    """The effects of agreeing to the item, from the mirror as it is now."""
    return preview_item_effects(item, readings).effects


def hide_obstacle(viewer: Person, item: RequestItem, effects: Effects) -> Effects:
    """The effects without an obstacle that rests on tables which the viewer does not see either."""
    obstacle = item.target.find_hidden_obstacle(viewer) if effects.refusals else ""
    if not obstacle:
        return effects
    return replace(effects, refusals=tuple(one for one in effects.refusals if one != obstacle))


def preview_item_effects(item: RequestItem, readings: QueryCache | None = None) -> Preview:
    """The effects of agreeing to the item, with the state of AWS for its calls. Several may share `readings`."""
    return item.target.preview(readings)


def preview_table_item(item: RequestItem, readings: QueryCache | None = None) -> Preview:
    """Of an item of one table."""
    read = readings or QueryCache()
    cache_catalog(item.table.database.catalog, item.request.principal.account, read)
    mirrored, besides = _read_columns(item.table, read), list_tag_cells(item, read)
    access = build_table_access(item, read)
    return preview_access(
        access,
        table_columns=build_table_columns(mirrored),
        requested_columns=item.columns,
        other_cells=besides,
        created_by=item.table.created_by,
        table_tags=build_table_tags(item.table, mirrored),
        default_row_policy=item.table.default_row_policy,
        cache=read,
    )


def list_table_columns(table: Table) -> tuple[TableColumn, ...]:
    """The table's columns as effects look at them."""
    return build_table_columns(table.column_facts)


def _read_columns(table: Table, readings: QueryCache) -> Sequence[ColumnFacts]:
    """Once for all items on the table."""
    return readings.get_or_read(("columns", table.pk), lambda: table.column_facts)


def _build_column_set(item: RequestItem, readings: QueryCache) -> ColumnSet:
    """Without partition keys: Lake Formation refuses them in a column grant, and shows them with any column.

    Of the whole table, those that are there where the catalog holds back what comes later; else every one for ever.
    """
    if item.target.has_future_columns and not item.table.database.catalog.holds_new_columns:
        return ColumnSet.every()
    columns = _read_columns(item.table, readings)
    keys = {column.name for column in columns if column.is_partition_key}
    names = [column.name for column in columns] if item.target.has_future_columns else item.columns
    return ColumnSet.include(name for name in names if name not in keys)
