"""A table in the shape of the API, cut to the columns that its reader may see."""

from copy import copy
from typing import Any

from awsim.callers import Caller
from awsim.errors import AwsError
from awsim.glue.access import seen_table
from awsim.glue.links import Target, resolve
from awsim.glue.store import Table, Version
from awsim.lakeformation.locations import registered_location
from awsim.lakeformation.store import book_of
from awsim.world import World

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
)
ATTRIBUTES = {"NAME": ("Name",), "TABLE_TYPE": ("TableType",)}


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
    registered = registered_location(book_of(world, place.catalog_id, place.region), table)
    return _content(version.body, columns) | {
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


def chosen_attributes(answer: dict[str, Any], chosen: list[str] | None) -> dict[str, Any]:
    if not chosen or "DEFAULT" in chosen:
        return answer
    members = {"Name"}.union(*(ATTRIBUTES.get(attribute, ()) for attribute in chosen))
    return {name: value for name, value in answer.items() if name in members}


def _content(body: dict[str, Any], columns: tuple[str, ...]) -> dict[str, Any]:
    content = {name: copy(body[name]) for name in ANSWERED if name in body}
    storage = content.get("StorageDescriptor", {})
    if "Columns" in storage:
        storage["Columns"] = [dict(one) for one in storage["Columns"] if one["Name"].lower() in columns]
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
