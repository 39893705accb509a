"""LF-Tags on databases, tables and columns, and the search by them.

One value for each key on a resource; a tag on a database reaches its tables and columns unless they carry
their own value. Sources: DG:TBAC-assigning-tags (what must be held on the resource beside ASSOCIATE on the value).

An expression demands every key and is content with any value of each.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mocklake import servicequotas
from mocklake.catalog_ids import full_id, owner_of
from mocklake.errors import AwsError
from mocklake.glue.store import Table, catalog, find_database, find_table
from mocklake.iam.callers import Caller
from mocklake.lakeformation import tag_policies
from mocklake.lakeformation.authority import (
    is_admin,
    is_creator,
    is_reader_of_all,
    sees_database,
    visible_columns,
)
from mocklake.lakeformation.changes import get_viewer
from mocklake.lakeformation.grantors import list_held_values
from mocklake.lakeformation.pages import Position, page, page_size
from mocklake.lakeformation.resources import database_resource, table_resource, tagged_database
from mocklake.lakeformation.store import Book, LFTag, Tagged, book_of
from mocklake.lakeformation.tags import build_denied_error, get_own_book
from mocklake.lakeformation.verbs import ON, expand_verbs
from mocklake.world import World

TAGS_PER_RESOURCE = int(servicequotas.TAGS_ON_RESOURCE.value)
NOT_FOUND = {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Tag or tag value does not exist."}
NOT_ALLOWED = {
    "ErrorCode": "AccessDeniedException",
    "ErrorMessage": "Insufficient Lake Formation permission(s) on LF-Tag",
}
PAGE_LIMIT = 100
Expression = dict[str, set[str]]
Items = Callable[[Position | None], Iterator[tuple[Position, dict[str, Any]]]]


@dataclass(frozen=True)
class Carrier:
    """What is tagged: a database, a table, or some of its columns, in a catalog of the account."""

    catalog_id: str
    database: str
    table: str = ""
    columns: tuple[str, ...] = ()

    @property
    def tagged(self) -> str:
        return tagged_database(self.catalog_id, self.database)

    def places(self) -> Iterator[Tagged]:
        for column in self.columns or ("",):
            yield self.tagged, self.table, column


def add_lf_tags_to_resource(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Each tag stands alone: unknown ones are answered in Failures. An older value of a key is replaced."""

    def put(carried: dict[str, str], key: str, value: str) -> bool:
        if len(carried.keys() | {key}) > TAGS_PER_RESOURCE:
            text = f"A resource carries at most {TAGS_PER_RESOURCE} LF-Tags."
            raise AwsError("ResourceNumberLimitExceededException", text)
        carried[key] = value
        return True

    return _change(world, caller, params, put)


def remove_lf_tags_from_resource(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Only tags the resource carries itself; inherited ones are answered in Failures."""

    def take(carried: dict[str, str], key: str, value: str) -> bool:
        return carried.get(key) == value and carried.pop(key, None) is not None

    return _change(world, caller, params, take)


def get_resource_lf_tags(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """With inherited tags; with ShowAssignedLFTags only those assigned to each level itself."""
    book = get_own_book(world, caller, params)
    carrier, table = _carrier(world, caller, params["Resource"])
    _require_sight(world, caller, carrier)
    assigned, catalog_id = params.get("ShowAssignedLFTags", False), caller.account
    database_tags = tag_policies.get_database_tags(book, carrier.tagged)
    answer: dict[str, Any] = dict(tag_policies.describe_tags("LFTagOnDatabase", catalog_id, database_tags))
    if table is None:
        return answer
    own_tags = tag_policies.get_own_tags(book, (carrier.tagged, carrier.table, ""))
    table_tags = own_tags if assigned else tag_policies.get_table_tags(book, carrier.tagged, carrier.table)
    columns = carrier.columns or (*table.data_columns, *table.partition_keys)
    by_column = list(_column_tags(book, catalog_id, carrier, columns, assigned=assigned))
    answer |= tag_policies.describe_tags("LFTagsOnTable", catalog_id, table_tags)
    return answer | ({"LFTagsOnColumns": by_column} if by_column else {})


def _column_tags(
    book: Book, catalog_id: str, carrier: Carrier, columns: tuple[str, ...], *, assigned: bool
) -> Iterator[dict[str, Any]]:
    for column in columns:
        place = (carrier.tagged, carrier.table, column)
        tags = (
            tag_policies.get_own_tags(book, place) if assigned else tag_policies.get_column_tags(book, *place)
        )
        if tags:
            yield {"Name": column} | tag_policies.describe_tags("LFTags", catalog_id, tags)


def _change(
    world: World, caller: Caller, params: dict[str, Any], change: Callable[[dict[str, str], str, str], bool]
) -> dict[str, Any]:
    book = get_own_book(world, caller, params)
    carrier, _ = _carrier(world, caller, params["Resource"])
    if not is_admin(world, get_viewer(caller)):
        _require_sight(world, caller, carrier)
        _require_ownership(world, caller, carrier)
    if not 1 <= len(params["LFTags"]) <= TAGS_PER_RESOURCE:
        raise AwsError("InvalidInputException", f"A call takes 1 to {TAGS_PER_RESOURCE} LF-Tags.")
    failures = []
    for pair in params["LFTags"]:
        key, value = _single(pair)
        named = {"CatalogId": carrier.catalog_id} | pair
        known = key in book.tags and value in book.tags[key].values
        if known and not _may_associate(world, caller, book.tags[key], value):
            failures.append({"LFTag": named, "Error": NOT_ALLOWED})
            continue
        done = [known and change(_carried(book, place), key, value) for place in carrier.places()]
        if not all(done):
            failures.append({"LFTag": named, "Error": NOT_FOUND})
    return {"Failures": failures}


def _may_associate(world: World, caller: Caller, tag: LFTag, value: str) -> bool:
    return value in list_held_values(world, get_viewer(caller), caller.account, tag, "ASSOCIATE")


def _carried(book: Book, place: Tagged) -> dict[str, str]:
    return book.tagged.setdefault(place, {})


def _single(pair: dict[str, Any]) -> tuple[str, str]:
    if len(pair["TagValues"]) != 1:
        raise AwsError("InvalidInputException", "A resource takes one value for each tag key.")
    return pair["TagKey"].lower(), pair["TagValues"][0].lower()


def _carrier(world: World, caller: Caller, shape: dict[str, Any]) -> tuple[Carrier, Table | None]:
    """EntityNotFoundException for what is not there; only databases, tables and columns carry tags."""
    if len(shape) != 1 or not shape.keys() <= {"Database", "Table", "TableWithColumns"}:
        raise AwsError("InvalidInputException", "LF-Tags go on a database, a table or its columns.")
    kind, body = next(iter(shape.items()))
    catalog_id = full_id(body.get("CatalogId"), caller.account)
    if owner_of(catalog_id) != caller.account:
        raise build_denied_error()
    if kind == "Database":
        name = body["Name"].lower()
        if find_database(world, catalog_id, caller.region, name) is None:
            raise AwsError("EntityNotFoundException", f"Database not found: {name}")
        return Carrier(catalog_id, name), None
    database, name = body["DatabaseName"].lower(), body.get("Name", "").lower()
    table = find_table(world, catalog_id, caller.region, database, name)
    if table is None:
        raise AwsError("EntityNotFoundException", f"Table not found: {name}")
    columns = tuple(column.lower() for column in body.get("ColumnNames", ()))
    missing = set(columns) - {*table.data_columns, *table.partition_keys}
    if missing or (kind == "TableWithColumns" and not columns):
        raise AwsError("EntityNotFoundException", f"Column not found: {min(missing, default='')}")
    return Carrier(catalog_id, database, name, columns), table


def _require_ownership(world: World, caller: Caller, carrier: Carrier) -> None:
    """Its creator, or whoever may pass on ALL or every permission on it; columns count as their table."""
    place = (carrier.catalog_id, carrier.database)
    resource = table_resource(*place, carrier.table) if carrier.table else database_resource(*place)
    viewer = get_viewer(caller)
    if world.switches.associate_suffices or is_creator(world, viewer, resource):
        return
    rows = book_of(world, caller.account, caller.region).of(caller.arn, (resource, resource.wildcard))
    held = {verb for row in rows if row.resource.kind is resource.kind for verb in row.grantable}
    if not expand_verbs(resource.kind, held) >= ON[resource.kind] - {"ALL"}:
        raise build_denied_error()


def _require_sight(world: World, caller: Caller, carrier: Carrier) -> None:
    viewer, catalog_id = get_viewer(caller), carrier.catalog_id
    if is_reader_of_all(world, viewer):
        return
    if carrier.table:
        place = {"catalog_id": catalog_id, "database": carrier.database, "table": carrier.table}
        seen = visible_columns(world, viewer, **place) is not None
    else:
        seen = sees_database(world, viewer, catalog_id=catalog_id, database=carrier.database)
    if not seen:
        raise build_denied_error()


def search_databases_by_lf_tags(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    book, expression = get_own_book(world, caller, params), _read_expression(params)
    viewer = get_viewer(caller)

    def items(start: Position | None) -> Iterator[tuple[Position, dict[str, Any]]]:
        for name in sorted(catalog(world, caller.account, caller.region)):
            if start is not None and [name] < start:
                continue
            tags = tag_policies.get_database_tags(book, name)
            if _fits_expression(expression, tags) and sees_database(
                world, viewer, catalog_id=caller.account, database=name
            ):
                database = {"CatalogId": caller.account, "Name": name}
                pairs = tag_policies.describe_tags("LFTags", caller.account, tags)
                yield [name], {"Database": database} | pairs

    return _page_hits(world, params, "DatabaseList", items, shape=(str,))


def search_tables_by_lf_tags(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """A table is found by its tags or by those of any of its columns."""
    book, expression = get_own_book(world, caller, params), _read_expression(params)
    viewer = get_viewer(caller)

    def items(start: Position | None) -> Iterator[tuple[Position, dict[str, Any]]]:
        for position, table in _find_tables(world, caller, book, expression, start):
            place = {"catalog_id": caller.account, "database": position[0], "table": table.name}
            if visible_columns(world, viewer, **place) is not None:
                yield position, _describe_table(book, caller.account, position[0], table)

    return _page_hits(world, params, "TableList", items, shape=(str, str))


def _page_hits(
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


def _read_expression(params: dict[str, Any]) -> Expression:
    if not params["Expression"]:
        raise AwsError("InvalidInputException", "Expression must not be empty.")
    return {
        tag["TagKey"].lower(): {value.lower() for value in tag["TagValues"]} for tag in params["Expression"]
    }


def _fits_expression(expression: Expression, tags: dict[str, str]) -> bool:
    return all(tags.get(key) in values for key, values in expression.items())


def _find_tables(
    world: World, caller: Caller, book: Book, expression: Expression, start: Position | None
) -> Iterator[tuple[Position, Table]]:
    """Yields the tables that fit, in order. Where the database's tags do not fit, only tables are looked at that have more tags."""
    databases, tagged = catalog(world, caller.account, caller.region), _find_tagged_columns(book)
    for database in sorted(databases):
        if start is not None and database < start[0]:
            continue
        tables, own = databases[database].tables, tagged.get(database, {})
        inherited = _fits_expression(expression, tag_policies.get_database_tags(book, database))
        for name in sorted(tables if inherited else tables.keys() & own.keys()):
            position = [database, name]
            is_ahead = start is None or position >= start
            if is_ahead and _fits_table(book, expression, database, tables[name], own.get(name, [])):
                yield position, tables[name]


def _find_tagged_columns(book: Book) -> dict[str, dict[str, list[str]]]:
    """By database and table; a table that has tags of its own alone has an empty list."""
    found: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for database, table, column in book.tagged:
        if table:
            found[database].setdefault(table, []).extend([column] if column else [])
    return found


def _fits_table(
    book: Book, expression: Expression, database: str, table: Table, with_tags: Sequence[str]
) -> bool:
    if _fits_expression(expression, tag_policies.get_table_tags(book, database, table.name)):
        return True
    columns = {*table.data_columns, *table.partition_keys}.intersection(with_tags)
    return any(
        _fits_expression(expression, tag_policies.get_column_tags(book, database, table.name, column))
        for column in columns
    )


def _describe_table(book: Book, catalog_id: str, database: str, table: Table) -> dict[str, Any]:
    """Columns that carry tags of their own, as the rest says nothing new."""
    columns = [
        {"Name": column} | tag_policies.describe_tags("LFTags", catalog_id, own)
        for column in (*table.data_columns, *table.partition_keys)
        if (own := tag_policies.get_own_tags(book, (database, table.name, column)))
    ]
    on_database = tag_policies.get_database_tags(book, database)
    on_table = tag_policies.get_table_tags(book, database, table.name)
    return (
        {"Table": {"CatalogId": catalog_id, "DatabaseName": database, "Name": table.name}}
        | tag_policies.describe_tags("LFTagOnDatabase", catalog_id, on_database)
        | tag_policies.describe_tags("LFTagsOnTable", catalog_id, on_table)
        | ({"LFTagsOnColumns": columns} if columns else {})
    )
