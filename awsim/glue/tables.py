"""Tables, table links and their versions."""

import re
from copy import deepcopy
from typing import Any

from awsim.callers import Caller
from awsim.errors import AwsError
from awsim.glue import rendering
from awsim.glue.access import catalog_of, database_place, seen_columns, seen_table, viewer_in
from awsim.glue.databases import PAGE_LIMIT, checked_name
from awsim.glue.links import Target
from awsim.glue.store import Database, Table, Version, find_database, find_table
from awsim.lakeformation import lifecycle
from awsim.lakeformation.authority import Viewer, insufficient, require, sees_database
from awsim.lakeformation.data_locations import require_location
from awsim.lakeformation.resources import database_resource, table_resource
from awsim.paging import page_by_key
from awsim.world import World


def create_table(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs CREATE_TABLE on the database, which must not be a link."""
    place, parent = _own_place(world, caller, params)
    viewer = viewer_in(caller, place.region)
    require(world, viewer, "CREATE_TABLE", database_resource(place.catalog_id, place.database))
    body = deepcopy(params["TableInput"])
    _require_location(world, viewer, place, body)
    name = checked_name(body["Name"])
    if name in parent.tables:
        raise AwsError("AlreadyExistsException", "Table already exists.")
    now = world.now()
    parent.tables[name] = Table(name, body, caller.arn, caller.session_arn, now, now)
    lifecycle.apply_defaults(
        world,
        table_resource(place.catalog_id, place.database, name),
        region=place.region,
        defaults=parent.body["CreateTableDefaultPermissions"],
        by=caller.session_arn,
    )
    return {}


def get_table(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """With the columns that the caller may see; through links as the target's table."""
    place = database_place(world, caller, catalog_of(caller, params), params["DatabaseName"])
    table, columns = seen_table(world, caller, place, params["Name"])
    return {"Table": rendering.table_answer(world, caller, place, table, columns)}


def get_tables(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Those that the caller may see, at most 100 a page; Expression is a pattern of the whole name."""
    place = database_place(world, caller, catalog_of(caller, params), params["DatabaseName"])
    names, pattern = _names(world, place), _pattern(params.get("Expression", ".*"))
    page, more = page_by_key(
        (name for name in names if pattern.fullmatch(name)),
        lambda name: _seen(world, caller, place, name),
        token=params.get("NextToken"),
        size=min(params.get("MaxResults", PAGE_LIMIT), PAGE_LIMIT),
        code="InvalidInputException",
    )
    if not page:
        _require_database(world, caller, place)
    chosen = params.get("AttributesToGet")
    answers = [
        rendering.chosen_attributes(rendering.table_answer(world, caller, place, *pair), chosen)
        for pair in page
    ]
    return {"TableList": answers} | ({"NextToken": more} if more else {})


def update_table(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """ConcurrentModificationException when VersionId is not the table's present one."""
    place, _ = _own_place(world, caller, params)
    body = deepcopy(params["TableInput"])
    found, _ = seen_table(world, caller, place, params.get("Name") or body["Name"])
    resource = table_resource(place.catalog_id, place.database, found.name)
    viewer = viewer_in(caller, place.region)
    require(world, viewer, "ALTER", resource)
    _require_location(world, viewer, place, body)
    if checked_name(body["Name"]) != found.name:
        raise AwsError("InvalidInputException", "Table name cannot be changed.")
    if params.get("VersionId", str(found.version)) != str(found.version):
        text = "Update table failed due to concurrent modifications."
        raise AwsError("ConcurrentModificationException", text)
    if not params.get("SkipArchive", False):
        found.archive.append(Version(found.version, found.body, found.updated_at))
    found.body, found.version, found.updated_at = body, found.version + 1, world.now()
    return {}


def delete_table(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """The table's permissions and tags go with it, RAM shares stay."""
    place, parent = _own_place(world, caller, params)
    found, _ = seen_table(world, caller, place, params["Name"])
    resource = table_resource(place.catalog_id, place.database, found.name)
    require(world, viewer_in(caller, place.region), "DROP", resource)
    del parent.tables[found.name]
    lifecycle.forget_table(
        world, catalog_id=place.catalog_id, region=place.region, database=place.database, table=found.name
    )
    return {}


def get_table_versions(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """The newest first."""
    place = database_place(world, caller, catalog_of(caller, params), params["DatabaseName"])
    table, columns = seen_table(world, caller, place, params["TableName"])
    every = [*table.archive, Version(table.version, table.body, table.updated_at)]
    versions = {-version.number: version for version in reversed(every)}
    page, more = page_by_key(
        versions,
        versions.get,
        token=params.get("NextToken"),
        size=min(params.get("MaxResults", PAGE_LIMIT), PAGE_LIMIT),
        code="InvalidInputException",
    )
    answers = [
        {
            "VersionId": str(version.number),
            "Table": rendering.version_answer(world, place, table, version, columns),
        }
        for version in page
    ]
    return {"TableVersions": answers} | ({"NextToken": more} if more else {})


def _own_place(world: World, caller: Caller, params: dict[str, Any]) -> tuple[Target, Database]:
    """Where something is to be changed: never through a link."""
    catalog_id, name = catalog_of(caller, params), params["DatabaseName"].lower()
    parent = find_database(world, catalog_id, caller.region, name)
    if parent is None:
        if catalog_id != caller.account:
            raise insufficient("Describe", name)
        raise AwsError("EntityNotFoundException", f"Database {name} not found.")
    if parent.link is not None:
        raise AwsError("InvalidInputException", f"Database {name} is a resource link.")
    return Target(catalog_id, caller.region, name, None), parent


def _require_location(world: World, viewer: Viewer, place: Target, body: dict[str, Any]) -> None:
    location = body.get("StorageDescriptor", {}).get("Location", "")
    asked = {"catalog_id": place.catalog_id, "database": place.database, "location": location}
    require_location(world, viewer, **asked)


def _names(world: World, place: Target) -> list[str]:
    parent = find_database(world, place.catalog_id, place.region, place.database)
    return sorted(parent.tables) if parent else []


def _seen(world: World, caller: Caller, place: Target, name: str) -> tuple[Table, tuple[str, ...]] | None:
    found = find_table(world, place.catalog_id, place.region, place.database, name)
    columns = seen_columns(world, caller, place, name)
    return (found, columns) if found is not None and columns is not None else None


def _require_database(world: World, caller: Caller, place: Target) -> None:
    viewer = viewer_in(caller, place.region)
    if not sees_database(world, viewer, catalog_id=place.catalog_id, database=place.database):
        raise insufficient("Describe", place.database)


def _pattern(expression: str) -> re.Pattern[str]:
    try:
        return re.compile(expression, re.IGNORECASE)
    except re.error as error:
        raise AwsError("InvalidInputException", f"Invalid expression: {expression}") from error
