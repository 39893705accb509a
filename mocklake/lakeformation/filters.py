"""Finding data cells filters: a table's owner makes them, and an account that the table is shared with may too."""

from mocklake.lakeformation.resources import Resource, filter_resource
from mocklake.lakeformation.store import Book, DataCellsFilter, book_of
from mocklake.world import World


def filters_on(world: World, account: str, region: str, table: Resource) -> list[Resource]:
    """Every filter on a table that can matter to an account, as what it is granted by."""
    names = {name for book in _books(world, account, region, table) for name in book.filters.get(table, {})}
    place = (table.catalog_id, table.database, table.table)
    return [filter_resource(*place, name) for name in sorted(names)]


def find_filter(world: World, account: str, region: str, resource: Resource) -> DataCellsFilter | None:
    """The owner's filter goes before the account's own of the same name."""
    table = resource.whole_table
    found = (
        book.filters.get(table, {}).get(resource.filter) for book in _books(world, account, region, table)
    )
    return next((one for one in found if one is not None), None)


def _books(world: World, account: str, region: str, table: Resource) -> list[Book]:
    accounts = dict.fromkeys((table.owner, account))
    return [book_of(world, one, region) for one in accounts]
