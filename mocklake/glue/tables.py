"""Making, changing and dropping tables, table links and views.

Sources: DG:working-with-views, DG:views-notes, Glue's service model (ViewUpdateAction, Force, IsStale). Assumed: a
caller other than the account's root defines views as itself only, where AWS asks for iam:PassRole; the tables
beneath must be named in SubObjects.
"""

import re
from typing import Any
from uuid import uuid4

from mocklake import servicequotas
from mocklake.errors import AwsError
from mocklake.glue import iceberg, partitions
from mocklake.glue.access import Target, build_viewer, find_own_place, find_visible_table
from mocklake.glue.databases import checked_name
from mocklake.glue.store import Database, Partitioning, Table, Version, find_catalog, find_table
from mocklake.iam.callers import Caller
from mocklake.json_copies import copied
from mocklake.lakeformation import lifecycle
from mocklake.lakeformation.authority import Viewer, insufficient, may_pass, require
from mocklake.lakeformation.data_locations import require_location
from mocklake.lakeformation.resources import database_resource, table_resource
from mocklake.lakeformation.store import IAM_ALLOWED_PRINCIPALS, book_of
from mocklake.world import World

TYPE = "VIRTUAL_VIEW"
_ROLE = re.compile(r"arn:(aws[a-z-]*):iam::(\d{12}):role/.+")
_BASE = re.compile(r"arn:aws[a-z-]*:glue:([a-z0-9-]+):(\d{12}):table/([^/]+)/([^/]+)")
Body = dict[str, Any]


def create_table(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs CREATE_TABLE on the database, which must not be a link.

    As in AWS nobody looks at the columns: duplicates and a missing StorageDescriptor are Athena's to refuse.
    """
    place, parent = find_own_place(world, caller, params)
    viewer = build_viewer(caller, place.region)
    require(world, viewer, "CREATE_TABLE", database_resource(place.catalog_id, place.database))
    body, metadata = _input(params)
    _require_location(world, viewer, place, body)
    name = checked_name(body["Name"])
    if name in parent.tables:
        raise AwsError("AlreadyExistsException", "Table already exists.")
    servicequotas.check(world, place.catalog_id, place.region, servicequotas.TABLES, len(parent.tables) + 1)
    body |= _federated(world, place, parent)
    if "ViewDefinition" in body:
        body = defined(world, caller, place, body)
    now = world.now()
    table = Table(name, body, caller.arn, caller.session_arn, now, now, iceberg=metadata or None)
    if table.view:
        table.status = status(world, caller, "CREATE", table.view)
    if params.get("PartitionIndexes"):
        table.partitioning = Partitioning()
        for partition_index in params["PartitionIndexes"]:
            partitions.add_index(table.partitioning.indexes, set(table.partition_keys), partition_index, now)
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
    place, _ = find_own_place(world, caller, params)
    name = params.get("Name") or params.get("TableInput", {}).get("Name", "")
    found, _ = find_visible_table(world, caller, place, name)
    resource = table_resource(place.catalog_id, place.database, found.name)
    viewer = build_viewer(caller, place.region)
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
        found.status = status(world, caller, "UPDATE", found.view)
    return {}


def delete_table(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """The table's permissions and tags go with it, RAM shares stay."""
    place, parent = find_own_place(world, caller, params)
    _delete(world, caller, place, parent, params["Name"])
    return {}


def batch_delete_table(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Each table stands alone; up to 100 of them."""
    place, parent = find_own_place(world, caller, params)
    errors = []
    for name in params["TablesToDelete"]:
        try:
            _delete(world, caller, place, parent, name)
        except AwsError as error:
            detail = {"ErrorCode": error.code, "ErrorMessage": error.message}
            errors.append({"TableName": name, "ErrorDetail": detail})
    return {"Errors": errors}


def _delete(world: World, caller: Caller, place: Target, parent: Database, name: str) -> None:
    found, _ = find_visible_table(world, caller, place, name)
    resource = table_resource(place.catalog_id, place.database, found.name)
    require(world, build_viewer(caller, place.region), "DROP", resource)
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
        body = redefined(world, caller, place, found, body=body, params=params)
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


def defined(world: World, caller: Caller, place: Target, body: Body) -> Body:
    """The input of a new view with its definition as it is kept."""
    view = body["ViewDefinition"]
    if not view.get("Representations"):
        raise _invalid("A view needs at least one representation.")
    dialects = [representation.get("Dialect") for representation in view["Representations"]]
    if len(set(dialects)) < len(dialects):
        raise _invalid("A dialect comes twice.")
    definer = view.get("Definer", caller.arn)
    _check_definer(caller, definer)
    _check_bases(world, definer, place, view.get("SubObjects", []))
    token = {"ViewVersionId": 0, "ViewVersionToken": uuid4().hex}
    kept = {"IsProtected": view.get("IsProtected", False)} | view | {"Definer": definer} | token
    return {"TableType": TYPE} | body | {"ViewDefinition": kept}


def redefined(
    world: World, caller: Caller, place: Target, table: Table, *, body: Body, params: dict[str, Any]
) -> Body:
    """The input after one action on its representations; the others stay, stale if Force changed what they share.

    Without an action the representations of the input replace those of their dialects.
    """
    action, old = params.get("ViewUpdateAction", "ADD_OR_REPLACE"), table.body["ViewDefinition"]
    new = body.get("ViewDefinition", {})
    given = {representation["Dialect"]: representation for representation in new.get("Representations", [])}
    kept = {representation["Dialect"]: representation for representation in old["Representations"]}
    _check_action(action, set(given), set(kept))
    if action == "DROP":
        left = [one for dialect, one in kept.items() if dialect not in given]
        if not left:
            raise _invalid("The last dialect of a view cannot be dropped.")
        return _with(table.body, old | {"Representations": left})
    definer = new.get("Definer", old["Definer"])
    _check_definer(caller, definer)
    _check_bases(world, definer, place, new.get("SubObjects", old["SubObjects"]))
    same = _is_same(table.body, body)
    if not same and not params.get("Force", False) and set(kept) - set(given):
        raise _invalid("Columns and sub-objects must match those of the view's other dialects.")
    stale = [one if same else one | {"IsStale": True} for key, one in kept.items() if key not in given]
    changed = old | new | {"Definer": definer, "Representations": [*stale, *given.values()]}
    return _with(table.body | body, changed)


def status(world: World, caller: Caller, action: str, view: Body) -> Body:
    """Describes a change that was checked before it was answered."""
    now = world.now()
    checks = [
        {"Dialect": representation["Dialect"], "UpdateTime": now, "State": "SUCCESS"}
        | ({"DialectVersion": representation["DialectVersion"]} if "DialectVersion" in representation else {})
        for representation in view["Representations"]
    ]
    return {
        "RequestedBy": caller.arn,
        "UpdatedBy": caller.arn,
        "RequestTime": now,
        "UpdateTime": now,
        "Action": action,
        "State": "SUCCESS",
        "Details": {"ViewValidations": checks},
    }


def _with(body: Body, view: Body) -> Body:
    token = {"ViewVersionId": view["ViewVersionId"] + 1, "ViewVersionToken": uuid4().hex}
    return {"TableType": TYPE} | body | {"ViewDefinition": view | token}


def _check_action(action: str, given: set[str], kept: set[str]) -> None:
    if not given:
        raise _invalid("ViewDefinition must have a representation.")
    if action == "ADD" and given & kept:
        raise AwsError("AlreadyExistsException", f"The view has dialect {min(given & kept)} already.")
    if action in ("REPLACE", "DROP") and given - kept:
        raise AwsError("EntityNotFoundException", f"The view has no dialect {min(given - kept)}.")


def _check_definer(caller: Caller, definer: str) -> None:
    match = _ROLE.fullmatch(definer)
    if match is None or match.groups() != (caller.partition, caller.account):
        raise _invalid("The definer of a view must be an IAM role of the account.")
    if definer != caller.arn and not caller.is_root:
        raise AwsError("AccessDeniedException", f"User is not authorized to pass {definer}.")


def _check_bases(world: World, definer: str, place: Target, bases: list[str]) -> None:
    """The definer holds SELECT with grant option on all of each; none is open to everyone IAM allows."""
    if not bases:
        raise _invalid("SubObjects must name the tables of the view.")
    for arn in bases:
        match = _BASE.fullmatch(arn)
        if match is None or (match[1], match[2]) != (place.region, place.catalog_id):
            raise _invalid(f"A view's sub-object must be a table of its catalog: {arn}")
        database, table = match[3].lower(), match[4].lower()
        if find_table(world, place.catalog_id, place.region, database, table) is None:
            raise AwsError("EntityNotFoundException", f"Table {table} not found.")
        resource = table_resource(place.catalog_id, database, table)
        if book_of(world, place.catalog_id, place.region).find(IAM_ALLOWED_PRINCIPALS, resource):
            raise _invalid(f"IAM_ALLOWED_PRINCIPALS holds permissions on {table}.")
        if not may_pass(world, Viewer(definer, definer.split(":")[4], place.region), "SELECT", resource):
            raise insufficient("Select with grant option", table)


def _is_same(old: Body, new: Body) -> bool:
    def schema(body: Body) -> list[tuple[str, str]]:
        described = body if "StorageDescriptor" in body else old
        columns = described.get("StorageDescriptor", {}).get("Columns", [])
        return [(column["Name"].lower(), column.get("Type", "")) for column in columns]

    bases = old["ViewDefinition"]["SubObjects"]
    named = new.get("ViewDefinition", {}).get("SubObjects", bases)
    return schema(old) == schema(new) and bool(named == bases)


def _invalid(text: str) -> AwsError:
    return AwsError("InvalidInputException", text)
