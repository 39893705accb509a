"""A table in the shape of the API, cut to the columns that its reader may see.

What is stored is handed out as it is: a stored input is replaced as a whole and never changed in place.
"""

from typing import Any

from mocklake.errors import AwsError
from mocklake.glue.access import seen_table
from mocklake.glue.links import Target, resolve
from mocklake.glue.store import Table, Version
from mocklake.iam.callers import Caller
from mocklake.lakeformation.locations import registered_location
from mocklake.lakeformation.resources import table_resource
from mocklake.lakeformation.rls_effects import find_default
from mocklake.lakeformation.store import book_of
from mocklake.world import World

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


def table_answer(
    world: World, caller: Caller, place: Target, table: Table, columns: tuple[str, ...]
) -> dict[str, Any]:
    """A table link carries its target's columns and location, as far as the reader may see the target."""
    version = Version(table.version, table.body, table.updated_at)
    answer = version_answer(world, place, table, version, columns)
    return answer | _seen_through(world, caller, place, table)


def version_answer(
    world: World, place: Target, table: Table, version: Version, columns: tuple[str, ...]
) -> dict[str, Any]:
    book = book_of(world, place.catalog_id, place.region)
    registered = registered_location(book, table)
    default = find_default(book, table_resource(place.catalog_id, place.database, table.name))
    answer = _content(version.body, columns, whole=_is_whole(table, version, columns)) | {
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


def brief(table: Table, chosen: list[str]) -> dict[str, Any]:
    """A table's name is always answered."""
    every = {"Name": table.name, "TableType": table.body.get("TableType")}
    members = {"Name"} | {BRIEF[one] for one in chosen}
    return {name: value for name, value in every.items() if name in members and value is not None}


def _is_whole(table: Table, version: Version, columns: tuple[str, ...]) -> bool:
    """Whether the reader sees every column of a version; spares looking at each."""
    described = version.body.get("StorageDescriptor", {}).get("Columns", ())
    return version.body is table.body and len(columns) == len(described)


def _content(body: dict[str, Any], columns: tuple[str, ...], *, whole: bool = False) -> dict[str, Any]:
    content = {name: body[name] for name in ANSWERED if name in body}
    described = content.get("StorageDescriptor", {}).get("Columns")
    if described and not whole:
        seen = [one for one in described if one["Name"].lower() in columns]
        content["StorageDescriptor"] = content["StorageDescriptor"] | {"Columns": seen}
    return content


def _seen_through(world: World, caller: Caller, place: Target, table: Table) -> dict[str, Any]:
    if table.link is None:
        return {}
    try:
        aim = resolve(world, place.catalog_id, place.region, place.database, table.name)
        found, columns = seen_table(world, caller, aim, aim.table or "")
    except AwsError:
        return {}
    content = _content(found.body, columns)
    return {name: content[name] for name in ("StorageDescriptor", "PartitionKeys") if name in content}
