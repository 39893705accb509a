"""Making, changing and dropping tables, table links and views."""

from typing import Any
from uuid import uuid4

from mocklake import servicequotas
from mocklake.errors import AwsError
from mocklake.glue import iceberg, partition_indexes, views
from mocklake.glue.access import own_place, seen_table, viewer_in
from mocklake.glue.databases import checked_name
from mocklake.glue.links import Target
from mocklake.glue.partition_store import Partitioning
from mocklake.glue.store import Database, Table, Version, find_catalog
from mocklake.iam.callers import Caller
from mocklake.json_copies import copied
from mocklake.lakeformation import lifecycle
from mocklake.lakeformation.authority import Viewer, require
from mocklake.lakeformation.data_locations import require_location
from mocklake.lakeformation.resources import database_resource, table_resource
from mocklake.world import World


def create_table(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs CREATE_TABLE on the database, which must not be a link.

    As in AWS nobody looks at the columns: duplicates and a missing StorageDescriptor are Athena's to refuse.
    """
    place, parent = own_place(world, caller, params)
    viewer = viewer_in(caller, place.region)
    require(world, viewer, "CREATE_TABLE", database_resource(place.catalog_id, place.database))
    body, metadata = _input(params)
    _require_location(world, viewer, place, body)
    name = checked_name(body["Name"])
    if name in parent.tables:
        raise AwsError("AlreadyExistsException", "Table already exists.")
    servicequotas.check(world, place.catalog_id, place.region, servicequotas.TABLES, len(parent.tables) + 1)
    body |= _federated(world, place, parent)
    if "ViewDefinition" in body:
        body = views.defined(world, caller, place, body)
    now = world.now()
    table = Table(name, body, caller.arn, caller.session_arn, now, now, iceberg=metadata or None)
    if table.view:
        table.status = views.status(world, caller, "CREATE", table.view)
    if params.get("PartitionIndexes"):
        table.partitioning = Partitioning()
        for one in params["PartitionIndexes"]:
            partition_indexes.add(table.partitioning.indexes, set(table.partition_keys), one, now)
    parent.put(table)
    lifecycle.apply_defaults(
        world,
        table_resource(place.catalog_id, place.database, name),
        region=place.region,
        defaults=parent.body["CreateTableDefaultPermissions"],
        by=caller.session_arn,
    )
    return {}


def update_table(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """ConcurrentModificationException when VersionId is not the table's present one."""
    place, _ = own_place(world, caller, params)
    name = params.get("Name") or params.get("TableInput", {}).get("Name", "")
    found, _ = seen_table(world, caller, place, name)
    resource = table_resource(place.catalog_id, place.database, found.name)
    viewer = viewer_in(caller, place.region)
    require(world, viewer, "ALTER", resource)
    body, metadata = _changed(world, caller, place, found, params)
    if body.get("StorageDescriptor", {}).get("Location", "") != found.location:
        _require_location(world, viewer, place, body)
    if checked_name(body["Name"]) != found.name:
        raise AwsError("InvalidInputException", "Table name cannot be changed.")
    if params.get("VersionId", str(found.version)) != str(found.version):
        text = "Update table failed due to concurrent modifications."
        raise AwsError("ConcurrentModificationException", text)
    if not params.get("SkipArchive", False):
        found.archive.append(Version(found.version, found.body, found.updated_at))
    found.body, found.version, found.updated_at = body, found.version + 1, world.now()
    found.iceberg = metadata
    if found.view:
        found.status = views.status(world, caller, "UPDATE", found.view)
    return {}


def delete_table(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """The table's permissions and tags go with it, RAM shares stay."""
    place, parent = own_place(world, caller, params)
    _delete(world, caller, place, parent, params["Name"])
    return {}


def batch_delete_table(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Each table stands alone; up to 100 of them."""
    place, parent = own_place(world, caller, params)
    errors = []
    for name in params["TablesToDelete"]:
        try:
            _delete(world, caller, place, parent, name)
        except AwsError as error:
            detail = {"ErrorCode": error.code, "ErrorMessage": error.message}
            errors.append({"TableName": name, "ErrorDetail": detail})
    return {"Errors": errors}


def _delete(world: World, caller: Caller, place: Target, parent: Database, name: str) -> None:
    found, _ = seen_table(world, caller, place, name)
    resource = table_resource(place.catalog_id, place.database, found.name)
    require(world, viewer_in(caller, place.region), "DROP", resource)
    parent.drop(found.name)
    lifecycle.forget_table(
        world, catalog_id=place.catalog_id, region=place.region, database=place.database, table=found.name
    )


def _input(params: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The TableInput, and the Iceberg metadata of a table that Glue makes as such."""
    body = copied(params.get("TableInput"))
    if "OpenTableFormatInput" in params:
        name = params.get("Name") or (body or {}).get("Name", "")
        return iceberg.made(name, copied(params["OpenTableFormatInput"]), body)
    if body is None:
        raise AwsError("InvalidInputException", "TableInput must be given.")
    return body, {}


def _changed(
    world: World, caller: Caller, place: Target, found: Table, params: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    if "UpdateOpenTableFormatInput" in params:
        body = copied(params.get("TableInput")) or found.body
        return iceberg.updated(body, found.iceberg or {}, copied(params["UpdateOpenTableFormatInput"]))
    if "TableInput" not in params:
        raise AwsError("InvalidInputException", "TableInput must be given.")
    body = copied(params["TableInput"])
    if "FederatedTable" in found.body:
        body.setdefault("FederatedTable", found.body["FederatedTable"])
    if found.view:
        body = views.redefined(world, caller, place, found, body=body, params=params)
    elif "ViewDefinition" in body:
        raise AwsError("InvalidInputException", f"{found.name} is no view.")
    return body, found.iceberg


def _federated(world: World, place: Target, parent: Database) -> dict[str, Any]:
    """In a federated catalog a table is the source's, such as one of S3 Tables."""
    nested = find_catalog(world, place.catalog_id, place.region)
    if nested is None or "FederatedCatalog" not in nested.body:
        return {}
    source = nested.body["FederatedCatalog"]
    named = {
        "Identifier": f"{source.get('Identifier', '')}/table/{uuid4()}",
        "DatabaseIdentifier": parent.body.get("FederatedDatabase", {}).get("Identifier", ""),
        "ConnectionName": source.get("ConnectionName", ""),
    }
    return {"FederatedTable": {name: value for name, value in named.items() if value}}


def _require_location(world: World, viewer: Viewer, place: Target, body: dict[str, Any]) -> None:
    location = body.get("StorageDescriptor", {}).get("Location", "")
    asked = {"catalog_id": place.catalog_id, "database": place.database, "location": location}
    require_location(world, viewer, **asked)


HANDLERS = {
    "BatchDeleteTable": batch_delete_table,
    "CreateTable": create_table,
    "DeleteTable": delete_table,
    "UpdateTable": update_table,
}
