"""Catalogs nested in an account's own: federated ones, links to Redshift catalogs, managed ones.

Sources: Glue API reference (Catalogs API), DG:create-s3-tables-catalog. A catalog's kind is what its input has:
`FederatedCatalog` (S3 Tables, Redshift and other sources), `TargetRedshiftCatalog` (a link) or
`CatalogProperties` (managed storage). What lies in a federated source appears below it by `mount`; a call
cannot make it. Assumed: a catalog has at most one of the first two, and nothing is made in a link.
"""

from typing import Any

from mocklake import catalog_ids
from mocklake.errors import AwsError
from mocklake.glue.access import build_viewer, is_told
from mocklake.glue.pages import page
from mocklake.glue.store import Catalog, Store, catalog, find_catalog
from mocklake.iam.callers import Caller
from mocklake.json_copies import copied
from mocklake.lakeformation import lifecycle
from mocklake.lakeformation.authority import insufficient, require, sees_catalog
from mocklake.lakeformation.resources import catalog_resource, database_resource, table_resource
from mocklake.world import World

S3_TABLES = "aws:s3tables"
MOST = 1000
ANSWERED = (
    "Description",
    "Parameters",
    "TargetRedshiftCatalog",
    "FederatedCatalog",
    "CatalogProperties",
    "CreateTableDefaultPermissions",
    "CreateDatabaseDefaultPermissions",
    "AllowFullTableExternalDataAccess",
)


def create_catalog(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs CREATE_CATALOG on the account's own catalog; the name is stored in lower case."""
    name, region = params["Name"].lower(), caller.region
    if name == caller.account:
        raise AwsError("InvalidInputException", "Catalog name cannot be the account id.")
    require(world, build_viewer(caller, region), "CREATE_CATALOG", catalog_resource(caller.account))
    catalog_id = f"{caller.account}:{name}"
    if find_catalog(world, catalog_id, region) is not None:
        raise AwsError("AlreadyExistsException", "Catalog already exists.")
    made = _put(world, catalog_id, region, _checked_body(params["CatalogInput"]), creator=caller.arn)
    made.tags = params.get("Tags")
    return {}


def get_catalog(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    catalog_id = catalog_ids.full_id(params["CatalogId"], caller.account)
    if catalog_id == caller.account:
        return {"Catalog": _own_catalog(caller)}
    return {"Catalog": _answer(caller.region, seen_catalog(world, caller, catalog_id))}


def get_catalogs(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Lists the catalogs that the caller may see, children of the parent only unless Recursive; with IncludeRoot the own one.

    IncludeRoot goes with no other parent than the account (API reference).
    """
    parent = catalog_ids.full_id(params.get("ParentCatalogId"), caller.account)
    if "IncludeRoot" in params and parent != caller.account:
        raise AwsError("InvalidInputException", "IncludeRoot cannot be set with a ParentCatalogId.")
    if catalog_ids.path_of(parent):
        seen_catalog(world, caller, parent)
    found, more = page(
        world,
        caller,
        params,
        _listed(world, caller, parent, params),
        lambda catalog_id: _seen(world, caller, catalog_id),
        listing="GetCatalogs",
        most=MOST,
    )
    return {"CatalogList": found} | more


def update_catalog(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Replaces the input. With OverwriteChildResourcePermissionsWithDefault=Accept what lies inside gets the
    new defaults in place of what everyone had (DG:change-access-iam-to-lf).
    """
    found = _to_change(world, caller, params, "ALTER")
    body = _checked_body(params["CatalogInput"])
    overwrite = body.pop("OverwriteChildResourcePermissionsWithDefault", "Deny") == "Accept"
    for name in ("CreateDatabaseDefaultPermissions", "CreateTableDefaultPermissions"):
        body.setdefault(name, found.body[name])
    found.body, found.updated_at = body, world.now()
    if overwrite:
        _overwrite(world, found, region=caller.region, by=caller.session_arn)
    return {}


def delete_catalog(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Takes along the catalogs inside, their databases and tables and every permission on them."""
    found, region = _to_change(world, caller, params, "DROP"), caller.region
    store: Store = world.stores["glue"]
    for catalog_id in (found.id, *_inside(world, found.id, region)):
        for name, database in catalog(world, catalog_id, region).items():
            for table in database.tables:
                lifecycle.forget_table(
                    world, catalog_id=catalog_id, region=region, database=name, table=table
                )
            lifecycle.forget_database(world, catalog_id=catalog_id, region=region, database=name)
        lifecycle.forget_catalog(world, catalog_id=catalog_id, region=region)
        store.catalogs.pop((catalog_id, region), None)
        del store.nested[catalog_id, region]
    return {}


def mount(world: World, catalog_id: str, region: str) -> Catalog:
    """A catalog that a federated source shows below a mounted one: a table bucket, a Redshift database.

    ValueError without the catalog above, or when it is there already.
    """
    above = find_catalog(world, catalog_ids.parent_of(catalog_id), region)
    if above is None or "FederatedCatalog" not in above.body:
        raise ValueError(f"{catalog_ids.parent_of(catalog_id)} is no federated catalog")
    if find_catalog(world, catalog_id, region) is not None:
        raise ValueError(f"{catalog_id} is there already")
    name = catalog_id.rpartition("/")[2]
    federated = dict(above.body["FederatedCatalog"])
    source = federated.get("Identifier", "")
    federated["Identifier"] = f"{source.removesuffix('/*').rstrip('/')}/{name}"
    defaults = ("CreateDatabaseDefaultPermissions", "CreateTableDefaultPermissions")
    body = {"FederatedCatalog": federated} | {default: above.body[default] for default in defaults}
    return _put(world, catalog_id, region, body, creator=above.creator)


def seen_catalog(world: World, caller: Caller, catalog_id: str) -> Catalog:
    """EntityNotFoundException in the own account; in another's missing and forbidden look alike."""
    found = find_catalog(world, catalog_id, caller.region)
    if found is None and is_told(world, caller, catalog_id):
        raise AwsError("EntityNotFoundException", f"Catalog {catalog_id} not found.")
    if found is None or not sees_catalog(world, build_viewer(caller, caller.region), catalog_id):
        raise insufficient("Describe", catalog_id)
    return found


def _put(world: World, catalog_id: str, region: str, body: dict[str, Any], *, creator: str) -> Catalog:
    account = catalog_ids.owner_of(catalog_id)
    body.setdefault("CreateDatabaseDefaultPermissions", lifecycle.database_defaults(world, account, region))
    body.setdefault("CreateTableDefaultPermissions", lifecycle.table_defaults(world, account, region))
    now = world.now()
    store: Store = world.stores["glue"]
    made = store.nested[catalog_id, region] = Catalog(catalog_id, body, creator, now, now)
    return made


def _checked_body(given: dict[str, Any]) -> dict[str, Any]:
    if "FederatedCatalog" in given and "TargetRedshiftCatalog" in given:
        raise AwsError("InvalidInputException", "A catalog is federated or a link, not both.")
    return copied(given)


def _to_change(world: World, caller: Caller, params: dict[str, Any], verb: str) -> Catalog:
    catalog_id = catalog_ids.full_id(params["CatalogId"], caller.account)
    if not catalog_ids.path_of(catalog_id):
        raise AwsError("InvalidInputException", "The default catalog cannot be changed.")
    found = seen_catalog(world, caller, catalog_id)
    require(world, build_viewer(caller, caller.region), verb, catalog_resource(catalog_id))
    return found


def _overwrite(world: World, parent: Catalog, *, region: str, by: str) -> None:
    defaults = parent.body["CreateDatabaseDefaultPermissions"], parent.body["CreateTableDefaultPermissions"]
    for catalog_id in (parent.id, *_inside(world, parent.id, region)):
        for name, database in catalog(world, catalog_id, region).items():
            resource = database_resource(catalog_id, name)
            lifecycle.replace_defaults(world, resource, region=region, defaults=defaults[0], by=by)
            for table in database.tables:
                of_table = table_resource(catalog_id, name, table)
                lifecycle.replace_defaults(world, of_table, region=region, defaults=defaults[1], by=by)


def _inside(world: World, catalog_id: str, region: str) -> list[str]:
    """Nested catalogs below a catalog, at any depth, in order."""
    store: Store = world.stores["glue"]
    start = catalog_id + ("/" if catalog_ids.path_of(catalog_id) else ":")
    return sorted(one for one, place in store.nested if place == region and one.startswith(start))


def _listed(world: World, caller: Caller, parent: str, params: dict[str, Any]) -> list[str]:
    inside = _inside(world, parent, caller.region)
    if not params.get("Recursive", False):
        inside = [one for one in inside if catalog_ids.parent_of(one) == parent]
    if params.get("IncludeRoot", False):
        inside = [parent, *inside]
    if params.get("HasDatabases", False):
        inside = [one for one in inside if catalog(world, one, caller.region)]
    return inside


def _seen(world: World, caller: Caller, catalog_id: str) -> dict[str, Any] | None:
    if catalog_id == caller.account:
        return _own_catalog(caller)
    found = find_catalog(world, catalog_id, caller.region)
    if found is None or not sees_catalog(world, build_viewer(caller, caller.region), catalog_id):
        return None
    return _answer(caller.region, found)


def _own_catalog(caller: Caller) -> dict[str, Any]:
    arn = catalog_ids.arn(caller.region, caller.account)
    return {"CatalogId": caller.account, "Name": caller.account, "ResourceArn": arn}


def _answer(region: str, found: Catalog) -> dict[str, Any]:
    body = {name: found.body[name] for name in ANSWERED if name in found.body}
    return body | {
        "CatalogId": found.id,
        "Name": catalog_ids.path_of(found.id).rpartition("/")[2],
        "ResourceArn": catalog_ids.arn(region, found.id),
        "CreateTime": found.created_at,
        "UpdateTime": found.updated_at,
    }


HANDLERS = {
    "CreateCatalog": create_catalog,
    "DeleteCatalog": delete_catalog,
    "GetCatalog": get_catalog,
    "GetCatalogs": get_catalogs,
    "UpdateCatalog": update_catalog,
}
