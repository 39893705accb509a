"""What a caller may see of a catalog, with the refusals that Glue gives."""

from typing import Any

from mocklake.catalog_ids import full_id, owner_of
from mocklake.errors import AwsError
from mocklake.glue import encryption
from mocklake.glue.links import Target, resolve
from mocklake.glue.store import Database, Table, find_database, find_table
from mocklake.iam.callers import Caller
from mocklake.lakeformation.authority import Viewer, insufficient, sees_database, visible_columns
from mocklake.world import World


def catalog_of(caller: Caller, params: dict[str, Any]) -> str:
    """The full id of the catalog that a call names: the account's own, or a nested one."""
    return full_id(params.get("CatalogId"), caller.account)


def viewer_in(caller: Caller, region: str) -> Viewer:
    """The caller, looking into the region where the objects lie, which a link may name."""
    return Viewer(caller.arn, caller.account, region)


def seen_database(world: World, caller: Caller, catalog_id: str, name: str) -> Database:
    """EntityNotFoundException in the own account; in another's missing and forbidden look alike."""
    found = find_database(world, catalog_id, caller.region, name)
    if found is None and is_told(world, caller, catalog_id):
        raise AwsError("EntityNotFoundException", f"Database {name.lower()} not found.")
    viewer = viewer_in(caller, caller.region)
    if found is None or not sees_database(world, viewer, catalog_id=catalog_id, database=name):
        raise insufficient("Describe", name)
    encryption.check_read(world, caller, catalog_id, caller.region, found.created_at)
    return found


def database_place(world: World, caller: Caller, catalog_id: str, name: str) -> Target:
    """Where a database's tables lie: its own place, or through a link that the caller may see."""
    found = find_database(world, catalog_id, caller.region, name)
    if found is None or found.link is not None:
        seen_database(world, caller, catalog_id, name)
    return resolve(world, catalog_id, caller.region, name)


def own_place(world: World, caller: Caller, params: dict[str, Any]) -> tuple[Target, Database]:
    """Where something is to be changed: never through a link."""
    catalog_id, name = catalog_of(caller, params), params["DatabaseName"].lower()
    parent = find_database(world, catalog_id, caller.region, name)
    if parent is None:
        if not is_told(world, caller, catalog_id):
            raise insufficient("Describe", name)
        raise AwsError("EntityNotFoundException", f"Database {name} not found.")
    if parent.link is not None:
        raise AwsError("InvalidInputException", f"Database {name} is a resource link.")
    return Target(catalog_id, caller.region, name, None), parent


def seen_columns(world: World, caller: Caller, place: Target, name: str) -> tuple[str, ...] | None:
    """None for a table that is not seen; GlueEncryptionException for one that the caller cannot decrypt."""
    viewer = viewer_in(caller, place.region)
    there = {"catalog_id": place.catalog_id, "database": place.database}
    columns = visible_columns(world, viewer, **there, table=name)
    found = find_table(world, place.catalog_id, place.region, place.database, name)
    if columns is not None and found is not None:
        encryption.check_read(world, caller, place.catalog_id, place.region, found.updated_at)
    return columns


def seen_table(world: World, caller: Caller, place: Target, name: str) -> tuple[Table, tuple[str, ...]]:
    """A table and the columns that the caller may see; refusals as for databases."""
    found = find_table(world, place.catalog_id, place.region, place.database, name)
    if found is None and is_told(world, caller, place.catalog_id):
        raise AwsError("EntityNotFoundException", f"Table {name.lower()} not found.")
    columns = seen_columns(world, caller, place, name)
    if found is None or columns is None:
        raise insufficient("Describe", name)
    return found, columns


def is_told(world: World, caller: Caller, catalog_id: str) -> bool:
    """Whether what is missing is told apart from what is forbidden."""
    return owner_of(catalog_id) == caller.account and not world.switches.missing_looks_denied
