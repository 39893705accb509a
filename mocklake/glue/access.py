"""What a caller may see of a catalog, with the refusals that Glue gives.

Links are one step: a link to a link leads nowhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mocklake import partitions
from mocklake.catalog_ids import full_id, owner_of
from mocklake.errors import AwsError
from mocklake.glue import encryption
from mocklake.glue.store import Database, Table, find_database, find_table
from mocklake.iam.callers import Caller
from mocklake.lakeformation.authority import Viewer, insufficient, sees_database, visible_columns
from mocklake.world import World


def get_catalog(caller: Caller, params: dict[str, Any]) -> str:
    """The full id of the catalog that a call names: the account's own, or a nested one."""
    return full_id(params.get("CatalogId"), caller.account)


def build_viewer(caller: Caller, region: str) -> Viewer:
    """The caller, looking into the region where the objects lie, which a link may name."""
    return Viewer(caller.arn, caller.account, region)


def find_visible_database(world: World, caller: Caller, catalog_id: str, name: str) -> Database:
    """EntityNotFoundException in the own account; in another's missing and forbidden look alike."""
    database = find_database(world, catalog_id, caller.region, name)
    if database is None and is_told(world, caller, catalog_id):
        raise AwsError("EntityNotFoundException", f"Database {name.lower()} not found.")
    viewer = build_viewer(caller, caller.region)
    if database is None or not sees_database(world, viewer, catalog_id=catalog_id, database=name):
        raise insufficient("Describe", name)
    encryption.check_read(world, caller, catalog_id, caller.region, database.created_at)
    return database


@dataclass(frozen=True)
class Target:
    """The true place of a database, or of a table in it."""

    catalog_id: str
    region: str
    database: str
    table: str | None


def find_database_place(world: World, caller: Caller, catalog_id: str, name: str) -> Target:
    """Where a database's tables lie: its own place, or through a link that the caller may see."""
    database = find_database(world, catalog_id, caller.region, name)
    if database is None or database.link is not None:
        find_visible_database(world, caller, catalog_id, name)
    return resolve(world, catalog_id, caller.region, name)


def find_own_place(world: World, caller: Caller, params: dict[str, Any]) -> tuple[Target, Database]:
    """Where something is to be changed: never through a link."""
    catalog_id, name = get_catalog(caller, params), params["DatabaseName"].lower()
    parent = find_database(world, catalog_id, caller.region, name)
    if parent is None:
        if not is_told(world, caller, catalog_id):
            raise insufficient("Describe", name)
        raise AwsError("EntityNotFoundException", f"Database {name} not found.")
    if parent.link is not None:
        raise AwsError("InvalidInputException", f"Database {name} is a resource link.")
    return Target(catalog_id, caller.region, name, None), parent


def list_visible_columns(world: World, caller: Caller, place: Target, name: str) -> tuple[str, ...] | None:
    """None for a table that is not seen; GlueEncryptionException for one that the caller cannot decrypt."""
    viewer = build_viewer(caller, place.region)
    there = {"catalog_id": place.catalog_id, "database": place.database}
    columns = visible_columns(world, viewer, **there, table=name)
    table = find_table(world, place.catalog_id, place.region, place.database, name)
    if columns is not None and table is not None:
        encryption.check_read(world, caller, place.catalog_id, place.region, table.updated_at)
    return columns


def find_visible_table(
    world: World, caller: Caller, place: Target, name: str
) -> tuple[Table, tuple[str, ...]]:
    """A table and the columns that the caller may see; refusals as for databases."""
    table = find_table(world, place.catalog_id, place.region, place.database, name)
    if table is None and is_told(world, caller, place.catalog_id):
        raise AwsError("EntityNotFoundException", f"Table {name.lower()} not found.")
    columns = list_visible_columns(world, caller, place, name)
    if table is None or columns is None:
        raise insufficient("Describe", name)
    return table, columns


def is_told(world: World, caller: Caller, catalog_id: str) -> bool:
    """Whether what is missing is told apart from what is forbidden."""
    return owner_of(catalog_id) == caller.account and not world.switches.missing_looks_denied


def resolve(world: World, catalog_id: str, region: str, database: str, table: str | None = None) -> Target:
    """Follow a database link, then a table link; EntityNotFoundException for a missing or dangling one.

    A target without a CatalogId is in the link's own account; without a Region in the link's own region.
    """
    place = _resolve_database(world, Target(catalog_id, region, database.lower(), None))
    if table is None:
        return place
    named = Target(place.catalog_id, place.region, place.database, table.lower())
    link = _resolve_table(world, named).link
    if link is None:
        return named
    aim = Target(
        full_id(link.get("CatalogId"), owner_of(named.catalog_id)),
        _get_region(link, named),
        link["DatabaseName"].lower(),
        link["Name"].lower(),
    )
    if _find_database(world, Target(aim.catalog_id, aim.region, aim.database, None)).link is not None:
        raise AwsError("EntityNotFoundException", f"Database {aim.database} not found.")
    if _resolve_table(world, aim).link is not None:
        raise AwsError("EntityNotFoundException", f"Table {aim.table} not found.")
    return aim


def _resolve_database(world: World, place: Target) -> Target:
    """Links are one step: a link to a link leads nowhere."""
    link = _find_database(world, place).link
    if link is None:
        return place
    catalog_id = full_id(link.get("CatalogId"), owner_of(place.catalog_id))
    aim = Target(catalog_id, _get_region(link, place), link["DatabaseName"].lower(), None)
    if _find_database(world, aim).link is not None:
        raise AwsError("EntityNotFoundException", f"Database {aim.database} not found.")
    return aim


def _get_region(link: Mapping[str, str], place: Target) -> str:
    """EntityNotFoundException for a region of another partition."""
    region = link.get("Region") or place.region
    if partitions.of_region(region) != partitions.of_region(place.region):
        raise AwsError("EntityNotFoundException", f"Database {link['DatabaseName']} not found.")
    return region


def _find_database(world: World, place: Target) -> Database:
    database = find_database(world, place.catalog_id, place.region, place.database)
    if database is None:
        raise AwsError("EntityNotFoundException", f"Database {place.database} not found.")
    return database


def _resolve_table(world: World, place: Target) -> Table:
    name = place.table or ""
    table = find_table(world, place.catalog_id, place.region, place.database, name)
    if table is None:
        raise AwsError("EntityNotFoundException", f"Table {name} not found.")
    return table
