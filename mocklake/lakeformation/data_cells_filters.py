"""CreateDataCellsFilter and its companions.

Sources: service model; DG:data-filters-about, DG:data-filtering-notes (no views or links, no partition keys
in column lists), DG:granting-filter-perms (DESCRIBE and DROP on a filter). A filter needs administration of the table, or SELECT on all of it with grant option.
Whether deleting a filter takes its grants along is assumed.
"""

from collections.abc import Iterator
from typing import Any

from mocklake.errors import AwsError
from mocklake.glue.store import Table, find_table
from mocklake.iam.callers import Caller
from mocklake.lakeformation import resources, row_filters
from mocklake.lakeformation.authority import held_verbs, is_reader_of_all
from mocklake.lakeformation.changes import Change, get_viewer
from mocklake.lakeformation.grantors import check_grantor
from mocklake.lakeformation.lifecycle import forget_filter, is_granted
from mocklake.lakeformation.pages import Position, page, page_size
from mocklake.lakeformation.principals import Principal, Who
from mocklake.lakeformation.resources import Columns, Resource, Target, table_resource
from mocklake.lakeformation.row_filters import find_filter
from mocklake.lakeformation.store import DataCellsFilter, book_of
from mocklake.world import World

PAGE_LIMIT = 1000
SELECT = frozenset({"SELECT"})
SIGHT = frozenset({"DESCRIBE", "DROP"})


def create_data_cells_filter(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """AlreadyExistsException for a name that the table has; EntityNotFoundException for a missing table."""
    data = params["TableData"]
    table = _table_of(data)
    found = _allowed_table(world, caller, table)
    new = _read(data, found)
    if find_filter(world, caller.account, caller.region, _named(table, new.name)) is not None:
        raise AwsError("AlreadyExistsException", f"Data cells filter already exists: {new.name}")
    book_of(world, caller.account, caller.region).filters.setdefault(table, {})[new.name] = new
    return {}


def get_data_cells_filter(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    table = _table_of(params)
    if not _may_see(world, caller, _named(table, params["Name"])):
        _allowed_table(world, caller, table)
    found = find_filter(world, caller.account, caller.region, _named(table, params["Name"]))
    if found is None:
        raise _missing(params["Name"])
    return {"DataCellsFilter": _answer(table, found)}


def update_data_cells_filter(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Its grants follow at once. ConcurrentModificationException for a VersionId that is not the present one."""
    data = params["TableData"]
    table = _table_of(data)
    new = _read(data, _allowed_table(world, caller, table))
    own = book_of(world, caller.account, caller.region).filters.get(table, {})
    if new.name not in own:
        raise _missing(new.name)
    new.version = own[new.name].version
    if data.get("VersionId", str(new.version)) != str(new.version):
        text = "Data cells filter was changed in between. Please retry in a short while."
        raise AwsError("ConcurrentModificationException", text)
    new.version += 1
    own[new.name] = new
    return {}


def delete_data_cells_filter(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    for member in ("DatabaseName", "TableName", "Name"):
        if not params.get(member):
            raise AwsError("InvalidInputException", f"{member} is mandatory.")
    table = _table_of({"TableCatalogId": caller.account} | params)
    named = _named(table, params["Name"])
    if "DROP" not in held_verbs(world, get_viewer(caller), named):
        _allowed_table(world, caller, table)
    own = book_of(world, caller.account, caller.region).filters
    if params["Name"] not in own.get(table, {}):
        raise _missing(params["Name"])
    if not world.switches.filter_deletion_takes_grants and is_granted(world, caller.region, named):
        raise AwsError(
            "InvalidInputException", f"Data cells filter {named.filter} is granted; revoke it first."
        )
    forget_filter(world, caller.account, caller.region, named)
    return {}


def list_data_cells_filter(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Lists the account's own filters on one table, or on every table: administrators see all, others what they may grant."""
    shape = params.get("Table")
    wanted = resources.read({"Table": shape}, caller.account).resource if shape else None
    filters = book_of(world, caller.account, caller.region).filters

    def items(start: Position | None) -> Iterator[tuple[Position, dict[str, Any]]]:
        del start
        for table in sorted(filters, key=lambda one: (one.catalog_id, one.database, one.table)):
            if wanted not in (None, table, table.wildcard):
                continue
            lists_all = _may_list(world, caller, table)
            for name in sorted(filters[table]):
                if lists_all or _may_see(world, caller, _named(table, name)):
                    key = [table.catalog_id, table.database, table.table, name]
                    yield key, _answer(table, filters[table][name])

    size, token = page_size(params, PAGE_LIMIT), params.get("NextToken")
    found, more = page(items, shape=(str,) * 4, token=token, size=size)
    return {"DataCellsFilters": found} | ({"NextToken": more} if more else {})


def _table_of(data: dict[str, Any]) -> Resource:
    return table_resource(data["TableCatalogId"], data["DatabaseName"], data["TableName"])


def _named(table: Resource, name: str) -> Resource:
    return resources.filter_resource(table.catalog_id, table.database, table.table, name)


def _missing(name: str) -> AwsError:
    return AwsError("EntityNotFoundException", f"Cell Filter not found: {name}")


def _allowed_table(world: World, caller: Caller, table: Resource) -> Table:
    """The table, to whoever might grant SELECT on all of it."""
    me = Principal(caller.arn, Who.IAM, caller.account)
    check_grantor(world, Change(get_viewer(caller), me, Target(table), SELECT, frozenset()))
    found = find_table(world, table.catalog_id, caller.region, table.database, table.table)
    if found is None:
        raise AwsError("EntityNotFoundException", f"Table not found: {table.table}")
    if found.link is not None or found.body.get("TableType") == "VIRTUAL_VIEW":
        raise AwsError("InvalidInputException", "Data cells filters do not work on views and resource links.")
    return found


def _may_see(world: World, caller: Caller, named: Resource) -> bool:
    """Administrators, and holders of DESCRIBE or DROP on the filter (DG:granting-filter-perms)."""
    viewer = get_viewer(caller)
    return is_reader_of_all(world, viewer) or bool(SIGHT & held_verbs(world, viewer, named))


def _may_list(world: World, caller: Caller, table: Resource) -> bool:
    if is_reader_of_all(world, get_viewer(caller)):
        return True
    try:
        _allowed_table(world, caller, table)
    except AwsError:
        return False
    return True


def _read(data: dict[str, Any], table: Table) -> DataCellsFilter:
    given = data.get("RowFilter") or {}
    if ("FilterExpression" in given) == ("AllRowsWildcard" in given):
        raise AwsError("InvalidInputException", "Either a filter expression or all rows must be given.")
    expression = given.get("FilterExpression")
    listed = [
        *table.body.get("StorageDescriptor", {}).get("Columns", []),
        *table.body.get("PartitionKeys", []),
    ]
    types = {one["Name"].lower(): one.get("Type", "string") for one in listed}
    condition = row_filters.write_expression_sql(expression, types) if expression is not None else None
    return DataCellsFilter(data["Name"], _columns(data, table), expression, condition)


def _columns(data: dict[str, Any], table: Table) -> Columns | None:
    if ("ColumnNames" in data) == ("ColumnWildcard" in data):
        raise AwsError("InvalidInputException", "Either column names or a column wildcard must be present.")
    excluding = "ColumnWildcard" in data
    given = data["ColumnWildcard"].get("ExcludedColumnNames", []) if excluding else data["ColumnNames"]
    names = frozenset(name.lower() for name in given)
    if names & set(table.partition_keys):
        raise AwsError("InvalidInputException", "Column filters cannot cover partition keys.")
    if names - set(table.data_columns) or not (names or excluding):
        raise AwsError("InvalidInputException", "Columns of a filter must be columns of its table.")
    return Columns(names, excluding) if names else None


def _answer(table: Resource, one: DataCellsFilter) -> dict[str, Any]:
    rows: dict[str, Any] = {"AllRowsWildcard": {}}
    if one.expression is not None:
        rows = {"FilterExpression": one.expression}
    columns: dict[str, Any] = {"ColumnWildcard": {}}
    if one.columns is not None:
        names = sorted(one.columns.names)
        wildcard = {"ColumnWildcard": {"ExcludedColumnNames": names}}
        columns = wildcard if one.columns.excluding else {"ColumnNames": names}
    place = {"TableCatalogId": table.catalog_id, "DatabaseName": table.database, "TableName": table.table}
    return place | {"Name": one.name, "RowFilter": rows, "VersionId": str(one.version)} | columns
