"""Databases and database links."""

from copy import deepcopy
from typing import Any

from awsim.callers import Caller
from awsim.errors import AwsError
from awsim.glue.access import catalog_of, seen_database, viewer_in
from awsim.glue.store import Database, catalog
from awsim.lakeformation import lifecycle
from awsim.lakeformation.authority import require, sees_database
from awsim.lakeformation.data_locations import require_location
from awsim.lakeformation.resources import catalog_resource, database_resource
from awsim.paging import page_by_key
from awsim.ram.shares import owners_sharing_with
from awsim.world import World

PAGE_LIMIT = 100
ANSWERED = ("Description", "LocationUri", "Parameters", "CreateTableDefaultPermissions", "TargetDatabase")


def create_database(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs CREATE_DATABASE on the catalog; a link's target need not exist (DG: links are made unchecked)."""
    catalog_id, body = catalog_of(caller, params), deepcopy(params["DatabaseInput"])
    name, viewer = checked_name(body["Name"]), viewer_in(caller, caller.region)
    require(world, viewer, "CREATE_DATABASE", catalog_resource(catalog_id))
    require_location(world, viewer, catalog_id=catalog_id, location=body.get("LocationUri", ""))
    databases = catalog(world, catalog_id, caller.region)
    if name in databases:
        raise AwsError("AlreadyExistsException", "Database already exists.")
    defaults = lifecycle.table_defaults(world, catalog_id, caller.region)
    body.setdefault("CreateTableDefaultPermissions", defaults)
    databases[name] = Database(name, body, caller.arn, world.now())
    lifecycle.apply_defaults(
        world,
        database_resource(catalog_id, name),
        region=caller.region,
        defaults=lifecycle.database_defaults(world, catalog_id, caller.region),
        by=caller.session_arn,
    )
    return {}


def get_database(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """A link is answered as itself, with its TargetDatabase."""
    catalog_id = catalog_of(caller, params)
    found = seen_database(world, caller, catalog_id, params["Name"])
    return {"Database": as_answer(catalog_id, found)}


def get_databases(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Those that the caller may see; FOREIGN and ALL add what other accounts share with the caller's."""
    names_only = "AttributesToGet" in params and "TARGET_DATABASE" not in params["AttributesToGet"]
    keys = [
        [catalog_id, name]
        for catalog_id in _catalogs(world, caller, params)
        for name in sorted(catalog(world, catalog_id, caller.region))
    ]
    page, more = page_by_key(
        keys,
        lambda key: _seen(world, caller, *key),
        token=params.get("NextToken"),
        size=min(params.get("MaxResults", PAGE_LIMIT), PAGE_LIMIT),
        code="InvalidInputException",
    )
    answers = [{"Name": one["Name"]} for one in page] if names_only else page
    return {"DatabaseList": answers} | ({"NextToken": more} if more else {})


def update_database(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    catalog_id = catalog_of(caller, params)
    found = seen_database(world, caller, catalog_id, params["Name"])
    resource = database_resource(catalog_id, found.name)
    viewer = viewer_in(caller, caller.region)
    require(world, viewer, "ALTER", resource)
    body = deepcopy(params["DatabaseInput"])
    require_location(world, viewer, catalog_id=catalog_id, location=body.get("LocationUri", ""))
    if checked_name(body["Name"]) != found.name:
        raise AwsError("InvalidInputException", "Database name cannot be changed.")
    kept = found.body["CreateTableDefaultPermissions"]
    found.body = {"CreateTableDefaultPermissions": kept} | body
    return {}


def delete_database(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Takes its tables along; of a link only the link goes."""
    catalog_id, region = catalog_of(caller, params), caller.region
    found = seen_database(world, caller, catalog_id, params["Name"])
    require(world, viewer_in(caller, region), "DROP", database_resource(catalog_id, found.name))
    for table in found.tables:
        lifecycle.forget_table(world, catalog_id=catalog_id, region=region, database=found.name, table=table)
    lifecycle.forget_database(world, catalog_id=catalog_id, region=region, database=found.name)
    del catalog(world, catalog_id, region)[found.name]
    return {}


def as_answer(catalog_id: str, database: Database) -> dict[str, Any]:
    body = {name: deepcopy(database.body[name]) for name in ANSWERED if name in database.body}
    return {"Name": database.name, "CreateTime": database.created_at, "CatalogId": catalog_id} | body


def checked_name(name: str) -> str:
    """Names are stored in lower case."""
    if not name.strip():
        raise AwsError("InvalidInputException", "Name must not be blank.")
    return name.lower()


def _catalogs(world: World, caller: Caller, params: dict[str, Any]) -> list[str]:
    shared = params.get("ResourceShareType")
    if shared is None:
        return [catalog_of(caller, params)]
    foreign = owners_sharing_with(world, caller.account, caller.region)
    return sorted(foreign + ([caller.account] if shared == "ALL" else []))


def _seen(world: World, caller: Caller, catalog_id: str, name: str) -> dict[str, Any] | None:
    viewer = viewer_in(caller, caller.region)
    if not sees_database(world, viewer, catalog_id=catalog_id, database=name):
        return None
    return as_answer(catalog_id, catalog(world, catalog_id, caller.region)[name])
