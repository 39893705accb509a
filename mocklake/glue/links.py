"""Resource links: where a name in a catalog really leads, in any account and region. No permission is asked here.

Links are one step: a link to a link leads nowhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mocklake import partitions
from mocklake.catalog_ids import full_id, owner_of
from mocklake.errors import AwsError
from mocklake.glue.store import Database, Table, find_database, find_table
from mocklake.world import World


@dataclass(frozen=True)
class Target:
    """The true place of a database, or of a table in it."""

    catalog_id: str
    region: str
    database: str
    table: str | None


def resolve(world: World, catalog_id: str, region: str, database: str, table: str | None = None) -> Target:
    """Follow a database link, then a table link; EntityNotFoundException for a missing or dangling one.

    A target without a CatalogId is in the link's own account; without a Region in the link's own region.
    """
    place = _database(world, Target(catalog_id, region, database.lower(), None))
    if table is None:
        return place
    named = Target(place.catalog_id, place.region, place.database, table.lower())
    link = _table(world, named).link
    if link is None:
        return named
    aim = Target(
        full_id(link.get("CatalogId"), owner_of(named.catalog_id)),
        _region(link, named),
        link["DatabaseName"].lower(),
        link["Name"].lower(),
    )
    if _found(world, Target(aim.catalog_id, aim.region, aim.database, None)).link is not None:
        raise AwsError("EntityNotFoundException", f"Database {aim.database} not found.")
    if _table(world, aim).link is not None:
        raise AwsError("EntityNotFoundException", f"Table {aim.table} not found.")
    return aim


def _database(world: World, place: Target) -> Target:
    """Links are one step: a link to a link leads nowhere."""
    link = _found(world, place).link
    if link is None:
        return place
    catalog_id = full_id(link.get("CatalogId"), owner_of(place.catalog_id))
    aim = Target(catalog_id, _region(link, place), link["DatabaseName"].lower(), None)
    if _found(world, aim).link is not None:
        raise AwsError("EntityNotFoundException", f"Database {aim.database} not found.")
    return aim


def _region(link: Mapping[str, str], place: Target) -> str:
    """EntityNotFoundException for a region of another partition."""
    region = link.get("Region") or place.region
    if partitions.of_region(region) != partitions.of_region(place.region):
        raise AwsError("EntityNotFoundException", f"Database {link['DatabaseName']} not found.")
    return region


def _found(world: World, place: Target) -> Database:
    found = find_database(world, place.catalog_id, place.region, place.database)
    if found is None:
        raise AwsError("EntityNotFoundException", f"Database {place.database} not found.")
    return found


def _table(world: World, place: Target) -> Table:
    name = place.table or ""
    found = find_table(world, place.catalog_id, place.region, place.database, name)
    if found is None:
        raise AwsError("EntityNotFoundException", f"Table {name} not found.")
    return found
