"""SearchTablesByLFTags and SearchDatabasesByLFTags: what carries a tag expression, and the caller may see.

An expression demands every key and is content with any value of each.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mocklake.errors import AwsError
from mocklake.glue.store import Table, catalog
from mocklake.iam.callers import Caller
from mocklake.lakeformation import tag_inheritance
from mocklake.lakeformation.authority import sees_database, visible_columns
from mocklake.lakeformation.changes import viewer_of
from mocklake.lakeformation.pages import Position, page, page_size
from mocklake.lakeformation.store import Book
from mocklake.lakeformation.tags import own_book
from mocklake.world import World

PAGE_LIMIT = 100
Expression = dict[str, set[str]]
Items = Callable[[Position | None], Iterator[tuple[Position, dict[str, Any]]]]


def search_databases_by_lf_tags(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    book, expression = own_book(world, caller, params), _expression(params)
    viewer = viewer_of(caller)

    def items(start: Position | None) -> Iterator[tuple[Position, dict[str, Any]]]:
        for name in sorted(catalog(world, caller.account, caller.region)):
            if start is not None and [name] < start:
                continue
            tags = tag_inheritance.on_database(book, name)
            if _fits(expression, tags) and sees_database(
                world, viewer, catalog_id=caller.account, database=name
            ):
                database = {"CatalogId": caller.account, "Name": name}
                pairs = tag_inheritance.as_member("LFTags", caller.account, tags)
                yield [name], {"Database": database} | pairs

    return _paged(world, params, "DatabaseList", items, shape=(str,))


def search_tables_by_lf_tags(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """A table is found by its tags or by those of any of its columns."""
    book, expression = own_book(world, caller, params), _expression(params)
    viewer = viewer_of(caller)

    def items(start: Position | None) -> Iterator[tuple[Position, dict[str, Any]]]:
        for position, table in _tables(world, caller, book, expression, start):
            place = {"catalog_id": caller.account, "database": position[0], "table": table.name}
            if visible_columns(world, viewer, **place) is not None:
                yield position, _table_answer(book, caller.account, position[0], table)

    return _paged(world, params, "TableList", items, shape=(str, str))


def _paged(
    world: World, params: dict[str, Any], member: str, items: Items, *, shape: tuple[type, ...]
) -> dict[str, Any]:
    found, more = page(
        items,
        shape=shape,
        token=params.get("NextToken"),
        size=page_size(params, PAGE_LIMIT),
        empty_page_seed=world.switches.empty_page_seed,
    )
    return {member: found} | ({"NextToken": more} if more else {})


def _expression(params: dict[str, Any]) -> Expression:
    if not params["Expression"]:
        raise AwsError("InvalidInputException", "Expression must not be empty.")
    return {
        tag["TagKey"].lower(): {value.lower() for value in tag["TagValues"]} for tag in params["Expression"]
    }


def _fits(expression: Expression, tags: dict[str, str]) -> bool:
    return all(tags.get(key) in values for key, values in expression.items())


def _tables(
    world: World, caller: Caller, book: Book, expression: Expression, start: Position | None
) -> Iterator[tuple[Position, Table]]:
    """Those that fit, in order. Where the database's tags do not fit, only tables are looked at that have more tags."""
    databases, tagged = catalog(world, caller.account, caller.region), _columns_with_tags(book)
    for database in sorted(databases):
        if start is not None and database < start[0]:
            continue
        tables, own = databases[database].tables, tagged.get(database, {})
        inherited = _fits(expression, tag_inheritance.on_database(book, database))
        for name in sorted(tables if inherited else tables.keys() & own.keys()):
            position = [database, name]
            is_ahead = start is None or position >= start
            if is_ahead and _table_fits(book, expression, database, tables[name], own.get(name, [])):
                yield position, tables[name]


def _columns_with_tags(book: Book) -> dict[str, dict[str, list[str]]]:
    """By database and table; a table that has tags of its own alone has an empty list."""
    found: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for database, table, column in book.tagged:
        if table:
            found[database].setdefault(table, []).extend([column] if column else [])
    return found


def _table_fits(
    book: Book, expression: Expression, database: str, table: Table, with_tags: Sequence[str]
) -> bool:
    if _fits(expression, tag_inheritance.on_table(book, database, table.name)):
        return True
    columns = {*table.data_columns, *table.partition_keys}.intersection(with_tags)
    return any(
        _fits(expression, tag_inheritance.on_column(book, database, table.name, column)) for column in columns
    )


def _table_answer(book: Book, catalog_id: str, database: str, table: Table) -> dict[str, Any]:
    """Columns that carry tags of their own, as the rest says nothing new."""
    columns = [
        {"Name": column} | tag_inheritance.as_member("LFTags", catalog_id, own)
        for column in (*table.data_columns, *table.partition_keys)
        if (own := tag_inheritance.own(book, (database, table.name, column)))
    ]
    on_database = tag_inheritance.on_database(book, database)
    on_table = tag_inheritance.on_table(book, database, table.name)
    return (
        {"Table": {"CatalogId": catalog_id, "DatabaseName": database, "Name": table.name}}
        | tag_inheritance.as_member("LFTagOnDatabase", catalog_id, on_database)
        | tag_inheritance.as_member("LFTagsOnTable", catalog_id, on_table)
        | ({"LFTagsOnColumns": columns} if columns else {})
    )
