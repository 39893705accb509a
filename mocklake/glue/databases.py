"""Databases and database links."""

from typing import Any
from uuid import uuid4

from mocklake import servicequotas
from mocklake.catalog_ids import owner_of, path_of
from mocklake.errors import AwsError
from mocklake.glue import encryption
from mocklake.glue.access import build_viewer, find_visible_database, get_catalog, is_told
from mocklake.glue.pages import page
from mocklake.glue.store import Database, Store, catalog, find_catalog
from mocklake.iam.callers import Caller
from mocklake.json_copies import copied
from mocklake.lakeformation import lifecycle
from mocklake.lakeformation.authority import insufficient, require, sees_database
from mocklake.lakeformation.data_locations import require_location
from mocklake.lakeformation.resources import catalog_resource, database_resource
from mocklake.ram.shares import list_owners_sharing_with
from mocklake.world import World

ANSWERED = (
    "Description",
    "LocationUri",
    "Parameters",
    "CreateTableDefaultPermissions",
    "TargetDatabase",
    "FederatedDatabase",
)


def create_database(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs CREATE_DATABASE on the catalog; a link's target need not exist (DG: links are made unchecked)."""
    catalog_id, body = get_catalog(caller, params), copied(params["DatabaseInput"])
    name = checked_name(body["Name"])
    _require_catalog(world, caller, catalog_id)
    viewer, location = build_viewer(caller, caller.region), body.get("LocationUri", "")
    require_location(world, viewer, catalog_id=catalog_id, location=location)
    databases = catalog(world, catalog_id, caller.region)
    if name in databases:
        raise AwsError("AlreadyExistsException", "Database already exists.")
    servicequotas.check(world, catalog_id, caller.region, servicequotas.DATABASES, len(databases) + 1)
    defaults = lifecycle.table_defaults(world, catalog_id, caller.region)
    body.setdefault("CreateTableDefaultPermissions", defaults)
    body |= _federated(world, caller, catalog_id, body)
    databases[name] = Database(name, body, caller.arn, world.now(), tags=params.get("Tags"))
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
    catalog_id = get_catalog(caller, params)
    visible_database = find_visible_database(world, caller, catalog_id, params["Name"])
    return {"Database": as_answer(catalog_id, visible_database)}


def get_databases(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Lists the databases that the caller may see; FOREIGN and ALL add what other accounts share with the caller's.

    FEDERATED is those with a FederatedDatabase, of the catalog and those nested in it (assumed).
    """
    keys = [
        [catalog_id, name]
        for catalog_id in _catalogs(world, caller, params)
        for name in sorted(catalog(world, catalog_id, caller.region))
    ]
    federated = params.get("ResourceShareType") == "FEDERATED"
    found, more = page(
        world,
        caller,
        params,
        keys,
        lambda key: _seen(world, caller, *key, federated=federated),
        listing="GetDatabases",
    )
    return {"DatabaseList": [_chosen(one, params.get("AttributesToGet")) for one in found]} | more


def update_database(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    catalog_id = get_catalog(caller, params)
    visible_database = find_visible_database(world, caller, catalog_id, params["Name"])
    resource = database_resource(catalog_id, visible_database.name)
    viewer = build_viewer(caller, caller.region)
    require(world, viewer, "ALTER", resource)
    body = copied(params["DatabaseInput"])
    require_location(world, viewer, catalog_id=catalog_id, location=body.get("LocationUri", ""))
    if checked_name(body["Name"]) != visible_database.name:
        raise AwsError("InvalidInputException", "Database name cannot be changed.")
    kept = ("CreateTableDefaultPermissions", "FederatedDatabase")
    visible_database.body = {
        name: visible_database.body[name] for name in kept if name in visible_database.body
    } | body
    return {}


def delete_database(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Takes its tables along; of a link only the link goes."""
    catalog_id, region = get_catalog(caller, params), caller.region
    visible_database = find_visible_database(world, caller, catalog_id, params["Name"])
    require(world, build_viewer(caller, region), "DROP", database_resource(catalog_id, visible_database.name))
    for table in visible_database.tables:
        lifecycle.forget_table(
            world, catalog_id=catalog_id, region=region, database=visible_database.name, table=table
        )
    lifecycle.forget_database(world, catalog_id=catalog_id, region=region, database=visible_database.name)
    del catalog(world, catalog_id, region)[visible_database.name]
    return {}


def as_answer(catalog_id: str, database: Database) -> dict[str, Any]:
    body = {name: database.body[name] for name in ANSWERED if name in database.body}
    return {"Name": database.name, "CreateTime": database.created_at, "CatalogId": catalog_id} | body


def checked_name(name: str) -> str:
    """Names are stored in lower case."""
    if not name.strip():
        raise AwsError("InvalidInputException", "Name must not be blank.")
    return name.lower()


def _require_catalog(world: World, caller: Caller, catalog_id: str) -> None:
    """A nested catalog is there, is no link (assumed), and the caller may make databases in it."""
    nested = find_catalog(world, catalog_id, caller.region)
    if path_of(catalog_id) and nested is None:
        if not is_told(world, caller, catalog_id):
            raise insufficient("Create Database", catalog_id)
        raise AwsError("InvalidInputException", f"Catalog {catalog_id} not found.")
    require(world, build_viewer(caller, caller.region), "CREATE_DATABASE", catalog_resource(catalog_id))
    if nested is not None and "TargetRedshiftCatalog" in nested.body:
        raise AwsError("InvalidInputException", f"Catalog {catalog_id} is a resource link.")


def _federated(world: World, caller: Caller, catalog_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """In a federated catalog a database is the source's: of S3 Tables a namespace."""
    nested = find_catalog(world, catalog_id, caller.region)
    if nested is None or "FederatedCatalog" not in nested.body or "FederatedDatabase" in body:
        return {}
    source = nested.body["FederatedCatalog"]
    identifier = f"{source.get('Identifier', '')}/namespace/{uuid4()}"
    named = {"Identifier": identifier, "ConnectionName": source.get("ConnectionName", "")}
    return {"FederatedDatabase": {name: value for name, value in named.items() if value}}


def _catalogs(world: World, caller: Caller, params: dict[str, Any]) -> list[str]:
    shared = params.get("ResourceShareType")
    if shared is None:
        return [_existing(world, caller, get_catalog(caller, params))]
    own = _with_nested(world, caller.account, caller.region)
    if shared == "FEDERATED":
        return own
    owners = list_owners_sharing_with(world, caller.account, caller.region)
    foreign = [one for owner in owners for one in _with_nested(world, owner, caller.region)]
    return sorted(foreign + (own if shared == "ALL" else []))


def _existing(world: World, caller: Caller, catalog_id: str) -> str:
    missing = path_of(catalog_id) and find_catalog(world, catalog_id, caller.region) is None
    if missing and is_told(world, caller, catalog_id):
        raise AwsError("EntityNotFoundException", f"Catalog {catalog_id} not found.")
    return catalog_id


def _with_nested(world: World, account: str, region: str) -> list[str]:
    store: Store = world.stores["glue"]
    return [
        account,
        *sorted(one for one, place in store.nested if (owner_of(one), place) == (account, region)),
    ]


def _chosen(answer: dict[str, Any], attributes: list[str] | None) -> dict[str, Any]:
    """A database's name is always answered."""
    if not attributes:
        return answer
    members = {"Name"} | ({"TargetDatabase"} if "TARGET_DATABASE" in attributes else set())
    return {name: value for name, value in answer.items() if name in members}


def _seen(
    world: World, caller: Caller, catalog_id: str, name: str, *, federated: bool
) -> dict[str, Any] | None:
    viewer, found = build_viewer(caller, caller.region), catalog(world, catalog_id, caller.region)[name]
    if federated and "FederatedDatabase" not in found.body:
        return None
    if not sees_database(world, viewer, catalog_id=catalog_id, database=name):
        return None
    encryption.check_read(world, caller, catalog_id, caller.region, found.created_at)
    return as_answer(catalog_id, found)


HANDLERS = {
    "CreateDatabase": create_database,
    "DeleteDatabase": delete_database,
    "GetDatabase": get_database,
    "GetDatabases": get_databases,
    "UpdateDatabase": update_database,
}
