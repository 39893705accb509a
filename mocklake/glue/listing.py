"""Tables as their readers see them: GetTable and GetTables, SearchTables, and the versions of a table.

Source: Glue API reference, SearchTables. Catalogs nested in an account's own, S3 Tables among them, are not searched,
as in AWS. A predicate's key is a member of the table or one of its parameters; comparators other than EQUALS are
for times and numbers only. Assumed: what a text is looked for in, and that the order is by name without SortCriteria.

What is stored is handed out as it is: a stored input is replaced as a whole and never changed in place.
"""

import operator
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from mocklake.catalog_ids import path_of
from mocklake.errors import AwsError
from mocklake.glue.access import (
    Target,
    build_viewer,
    find_database_place,
    find_own_place,
    find_visible_table,
    get_catalog,
    list_visible_columns,
    resolve,
)
from mocklake.glue.pages import page
from mocklake.glue.store import Table, Version, catalog, find_database, find_table
from mocklake.iam.callers import Caller
from mocklake.lakeformation.authority import insufficient, require, sees_database
from mocklake.lakeformation.locations import registered_location
from mocklake.lakeformation.resources import table_resource
from mocklake.lakeformation.row_filters import find_default
from mocklake.lakeformation.store import book_of
from mocklake.ram.shares import list_owners_sharing_with
from mocklake.world import World

Seen = tuple[Table, tuple[str, ...]]
_WILDCARD = re.compile(r"(?<![.)\]}\\])\*")
"""An asterisk that repeats nothing but a plain character stands for any text."""
USUAL = 100
MOST = 1000
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "EQUALS": operator.eq,
    "GREATER_THAN": operator.gt,
    "LESS_THAN": operator.lt,
    "GREATER_THAN_EQUALS": operator.ge,
    "LESS_THAN_EQUALS": operator.le,
}
TIMES = ("CreateTime", "UpdateTime", "LastAccessTime", "LastAnalyzedTime")
TEXTS = ("Name", "DatabaseName", "Description", "Owner", "TableType", "CreatedBy", "CatalogId")
_SPLIT = re.compile(r"[^a-z0-9]+")
Key = tuple[str, ...]
Place = tuple[str, str, str]
"""(catalog id, database, table)"""
ANSWERED = (
    "Description",
    "Owner",
    "LastAccessTime",
    "LastAnalyzedTime",
    "StorageDescriptor",
    "PartitionKeys",
    "ViewOriginalText",
    "ViewExpandedText",
    "TableType",
    "Parameters",
    "TargetTable",
    "FederatedTable",
    "ViewDefinition",
)
BRIEF = {"NAME": "Name", "TABLE_TYPE": "TableType"}


def get_table(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """With the columns that the caller may see; through links as the target's table."""
    place = find_database_place(world, caller, get_catalog(caller, params), params["DatabaseName"])
    visible_table = find_visible_table(world, caller, place, params["Name"])
    return {"Table": _describe_table(world, caller, place, visible_table, params)}


def get_tables(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Lists the tables that the caller may see, at most 100 a page; Expression is a pattern of the whole name.

    ResourceShareType=FEDERATED leaves those of a federated source (assumed to be the ones with a FederatedTable).
    """
    place = find_database_place(world, caller, get_catalog(caller, params), params["DatabaseName"])
    parent, pattern = (
        find_database(world, place.catalog_id, place.region, place.database),
        _compile_expression(params),
    )
    federated = params.get("ResourceShareType") == "FEDERATED"

    def load(name: str) -> Seen | None:
        fits = pattern is None or pattern.fullmatch(name)
        return _read_visible(world, caller, place, name, federated=federated) if fits else None

    names = parent.names if parent else []
    found, more = page(world, caller, params, names, load, listing="GetTables")
    if not found:
        _require_database(world, caller, place)
    return {"TableList": [_describe_table(world, caller, place, one, params) for one in found]} | more


def _describe_table(
    world: World, caller: Caller, place: Target, seen: Seen, params: dict[str, Any]
) -> dict[str, Any]:
    table, columns = seen
    chosen = params.get("AttributesToGet") or []
    if is_brief(chosen):
        return describe_briefly(table, chosen)
    answer = describe_table(world, caller, place, table, columns)
    if "LATEST_ICEBERG_METADATA" in chosen and table.iceberg:
        answer["IcebergTableMetadata"] = table.iceberg
    if params.get("IncludeStatusDetails", False) and table.status:
        answer["Status"] = table.status
    return answer


def _read_visible(world: World, caller: Caller, place: Target, name: str, *, federated: bool) -> Seen | None:
    table = find_table(world, place.catalog_id, place.region, place.database, name)
    if table is None or (federated and "FederatedTable" not in table.body):
        return None
    columns = list_visible_columns(world, caller, place, name)
    return None if columns is None else (table, columns)


def _require_database(world: World, caller: Caller, place: Target) -> None:
    viewer = build_viewer(caller, place.region)
    if not sees_database(world, viewer, catalog_id=place.catalog_id, database=place.database):
        raise insufficient("Describe", place.database)


def _compile_expression(params: dict[str, Any]) -> re.Pattern[str] | None:
    expression = params.get("Expression")
    if not expression:
        return None
    try:
        return re.compile(_WILDCARD.sub(".*", expression), re.IGNORECASE)
    except re.error as error:
        raise AwsError("InvalidInputException", f"Invalid expression: {expression}") from error


def search_tables(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Searches the own catalog; FOREIGN searches what other accounts share, ALL both."""
    sorting = (params.get("SortCriteria") or [{}])[0]
    found = {
        key: place
        for place in _list_places(world, caller, params)
        if (key := _find_hit(world, caller, place, params, sorting.get("FieldName", "Name"))) is not None
    }
    falls = sorting.get("Sort", "ASC") == "DESC"
    answers, more = page(
        world,
        caller,
        params | {"MaxResults": params.get("MaxResults", USUAL)},
        [list(key) for key in sorted(found, reverse=falls)],
        lambda key: _describe_hit(world, caller, found[tuple(key)], params),
        listing="SearchTables",
        most=MOST,
        falls=falls,
    )
    return {"TableList": answers} | more


def _list_places(world: World, caller: Caller, params: dict[str, Any]) -> Iterator[Place]:
    shared = params.get("ResourceShareType")
    catalogs = [] if shared == "FOREIGN" else [get_catalog(caller, params)]
    if shared in ("FOREIGN", "ALL"):
        catalogs += list_owners_sharing_with(world, caller.account, caller.region)
    for catalog_id in (one for one in dict.fromkeys(catalogs) if not path_of(one)):
        for database in catalog(world, catalog_id, caller.region).values():
            yield from ((catalog_id, database.name, name) for name in database.tables)


def _find_hit(world: World, caller: Caller, place: Place, params: dict[str, Any], field: str) -> Key | None:
    """Where a table that fits and is seen stands in the order."""
    catalog_id, database, name = place
    table = find_table(world, catalog_id, caller.region, database, name)
    federated = params.get("ResourceShareType") == "FEDERATED"
    if table is None or (federated and "FederatedTable" not in table.body):
        return None
    columns = list_visible_columns(world, caller, Target(catalog_id, caller.region, database, None), name)
    if columns is None:
        return None
    members = _list_members(table, catalog_id, database)
    if not all(_passes(members, one) for one in params.get("Filters", ())):
        return None
    if not _holds(members, columns, params.get("SearchText", "")):
        return None
    value = members.get(field, "")
    return _format_sortable(value), *place


def _list_members(table: Table, catalog_id: str, database: str) -> dict[str, Any]:
    own = {
        "Name": table.name,
        "DatabaseName": database,
        "CatalogId": catalog_id,
        "CreatedBy": table.created_by,
        "CreateTime": table.created_at,
        "UpdateTime": table.updated_at,
    }
    said = {name: table.body[name] for name in (*TEXTS, *TIMES, "Retention") if name in table.body}
    return dict(table.body.get("Parameters", {})) | said | own


def _passes(members: dict[str, Any], predicate: dict[str, Any]) -> bool:
    """Texts match by one of their parts: `link` finds `customer-link` and not `customerlink`."""
    key, wanted = predicate.get("Key", ""), predicate.get("Value", "")
    comparator = predicate.get("Comparator", "EQUALS")
    if key in TIMES or key == "Retention":
        value = members.get(key)
        return value is not None and COMPARE[comparator](_read_number(value), _read_number(wanted))
    if comparator != "EQUALS":
        raise AwsError("InvalidInputException", f"Comparator {comparator} is for times only.")
    text = str(members.get(key, "")).lower()
    return wanted.lower() in (text, *_SPLIT.split(text)) if key in members else False


def _holds(members: dict[str, Any], columns: tuple[str, ...], wanted: str) -> bool:
    """In quotes one whole value, else every word somewhere."""
    values = [str(members[name]).lower() for name in TEXTS if name in members] + list(columns)
    asked = wanted.lower().strip()
    if len(asked) > 1 and asked[0] == asked[-1] == '"':
        return asked[1:-1] in values
    return all(any(word in value for value in values) for word in asked.split())


def _read_number(value: Any) -> float:
    """A time as seconds; InvalidInputException for a text that is neither a number nor an ISO time."""
    if isinstance(value, datetime):
        return value.timestamp()
    try:
        return float(value)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise AwsError("InvalidInputException", f"{value} is no time.") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _format_sortable(value: Any) -> str:
    return (
        f"{_read_number(value):024.6f}" if isinstance(value, (datetime, int, float)) else str(value).lower()
    )


def _describe_hit(
    world: World, caller: Caller, place: Place, params: dict[str, Any]
) -> dict[str, Any] | None:
    catalog_id, database, name = place
    target = Target(catalog_id, caller.region, database, None)
    table = find_table(world, catalog_id, caller.region, database, name)
    columns = list_visible_columns(world, caller, target, name)
    if table is None or columns is None:
        return None
    answer = describe_table(world, caller, target, table, columns)
    details = {"Status": table.status} if params.get("IncludeStatusDetails", False) and table.status else {}
    return answer | details


def describe_table(
    world: World, caller: Caller, place: Target, table: Table, columns: tuple[str, ...]
) -> dict[str, Any]:
    """A table link carries its target's columns and location, as far as the reader may see the target."""
    version = Version(table.version, table.body, table.updated_at)
    answer = describe_version(world, place, table, version, columns)
    return answer | _read_through_link(world, caller, place, table)


def describe_version(
    world: World, place: Target, table: Table, version: Version, columns: tuple[str, ...]
) -> dict[str, Any]:
    book = book_of(world, place.catalog_id, place.region)
    registered = registered_location(book, table)
    default = find_default(book, table_resource(place.catalog_id, place.database, table.name))
    answer = _build_content(version.body, columns, whole=_is_whole(table, version, columns)) | {
        "Name": table.name,
        "DatabaseName": place.database,
        "CatalogId": place.catalog_id,
        "CreateTime": table.created_at,
        "UpdateTime": version.updated_at,
        "CreatedBy": table.created_by,
        "Retention": version.body.get("Retention", 0),
        "IsRegisteredWithLakeFormation": registered is not None,
        "VersionId": str(version.number),
    }
    if default is not None:
        answer["RLSProperties"] = {"DefaultRLSPolicy": default.policy}
    return answer | ({"IsMultiDialectView": True} if "ViewDefinition" in version.body else {})


def is_brief(chosen: list[str]) -> bool:
    """Whether names and types alone are asked for."""
    return bool(chosen) and set(chosen) <= BRIEF.keys()


def describe_briefly(table: Table, chosen: list[str]) -> dict[str, Any]:
    """A table's name is always answered."""
    every = {"Name": table.name, "TableType": table.body.get("TableType")}
    members = {"Name"} | {BRIEF[one] for one in chosen}
    return {name: value for name, value in every.items() if name in members and value is not None}


def _is_whole(table: Table, version: Version, columns: tuple[str, ...]) -> bool:
    """Whether the reader sees every column of a version; spares looking at each."""
    described = version.body.get("StorageDescriptor", {}).get("Columns", ())
    return version.body is table.body and len(columns) == len(described)


def _build_content(body: dict[str, Any], columns: tuple[str, ...], *, whole: bool = False) -> dict[str, Any]:
    content = {name: body[name] for name in ANSWERED if name in body}
    described = content.get("StorageDescriptor", {}).get("Columns")
    if described and not whole:
        seen = [one for one in described if one["Name"].lower() in columns]
        content["StorageDescriptor"] = content["StorageDescriptor"] | {"Columns": seen}
    return content


def _read_through_link(world: World, caller: Caller, place: Target, table: Table) -> dict[str, Any]:
    if table.link is None:
        return {}
    try:
        aim = resolve(world, place.catalog_id, place.region, place.database, table.name)
        found, columns = find_visible_table(world, caller, aim, aim.table or "")
    except AwsError:
        return {}
    content = _build_content(found.body, columns)
    return {name: content[name] for name in ("StorageDescriptor", "PartitionKeys") if name in content}


def get_table_version(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """The present one when none is named; columns cut to what the caller may see of the table today."""
    place, table, columns = _find_visible_table(world, caller, params)
    number = _read_version_number(params.get("VersionId", str(table.version)))
    version = _index_versions(table).get(number)
    if version is None:
        raise _build_missing_version_error(number)
    return {"TableVersion": _describe_version(world, place, table, version, columns)}


def get_table_versions(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """The newest first."""
    place, table, columns = _find_visible_table(world, caller, params)
    versions = {-number: version for number, version in _index_versions(table).items()}
    found, more = page(world, caller, params, sorted(versions), versions.get, listing="GetTableVersions")
    answers = [_describe_version(world, place, table, version, columns) for version in found]
    return {"TableVersions": answers} | more


def delete_table_version(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs ALTER (assumed); the present version cannot be deleted (assumed)."""
    _delete_version(_find_table_to_change(world, caller, params), params["VersionId"])
    return {}


def batch_delete_table_version(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Each version stands alone; up to 100 of them."""
    table, errors = _find_table_to_change(world, caller, params), []
    for version in params["VersionIds"]:
        try:
            _delete_version(table, version)
        except AwsError as error:
            detail = {"ErrorCode": error.code, "ErrorMessage": error.message}
            errors.append({"TableName": table.name, "VersionId": version, "ErrorDetail": detail})
    return {"Errors": errors}


def _find_visible_table(
    world: World, caller: Caller, params: dict[str, Any]
) -> tuple[Target, Table, tuple[str, ...]]:
    place = find_database_place(world, caller, get_catalog(caller, params), params["DatabaseName"])
    table, columns = find_visible_table(world, caller, place, params["TableName"])
    return place, table, columns


def _find_table_to_change(world: World, caller: Caller, params: dict[str, Any]) -> Table:
    place, _ = find_own_place(world, caller, params)
    table, _ = find_visible_table(world, caller, place, params["TableName"])
    resource = table_resource(place.catalog_id, place.database, table.name)
    require(world, build_viewer(caller, place.region), "ALTER", resource)
    return table


def _index_versions(table: Table) -> dict[int, Version]:
    present = Version(table.version, table.body, table.updated_at)
    return {version.number: version for version in (*table.archive, present)}


def _delete_version(table: Table, version: str) -> None:
    number = _read_version_number(version)
    if number == table.version:
        raise AwsError("InvalidInputException", "The latest version of a table cannot be deleted.")
    kept = [one for one in table.archive if one.number != number]
    if len(kept) == len(table.archive):
        raise _build_missing_version_error(number)
    table.archive = kept


def _describe_version(
    world: World, place: Target, table: Table, version: Version, columns: tuple[str, ...]
) -> dict[str, Any]:
    answer = describe_version(world, place, table, version, columns)
    return {"VersionId": str(version.number), "Table": answer}


def _read_version_number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise AwsError("InvalidInputException", f"VersionId {text} is no number.")
    return int(text)


def _build_missing_version_error(number: int) -> AwsError:
    return AwsError("EntityNotFoundException", f"Version {number} not found.")


HANDLERS = {
    "GetTable": get_table,
    "GetTables": get_tables,
    "SearchTables": search_tables,
    "BatchDeleteTableVersion": batch_delete_table_version,
    "DeleteTableVersion": delete_table_version,
    "GetTableVersion": get_table_version,
    "GetTableVersions": get_table_versions,
}
