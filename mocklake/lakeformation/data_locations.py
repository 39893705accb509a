"""Who may point metadata at a registered location.

Sources: DG:access-control-underlying-data, DG:implicit-permissions, DG:granting-location-permissions. Administrators
have every location; whoever may create tables in a database has the database's own location; across accounts
the account must have been granted the location and have passed it on, for which no RAM share is needed.
"""

import re

from mocklake import partitions
from mocklake.glue.store import find_database
from mocklake.lakeformation.authority import Viewer, held_verbs, insufficient, is_admin
from mocklake.lakeformation.resources import Kind, Resource
from mocklake.lakeformation.store import book_of
from mocklake.world import World

_S3 = re.compile(r"^arn:aws[a-z-]*:s3:::")


def require_location(
    world: World, viewer: Viewer, *, catalog_id: str, location: str, database: str = ""
) -> None:
    """AccessDeniedException for a location that is registered and not the viewer's to use.

    `database` is the one in which a table is made or changed; empty for a database itself.
    """
    if not (location and world.switches.creating_needs_data_location):
        return
    path = _path(location)
    book = book_of(world, catalog_id, viewer.region)
    covering = [arn for arn in book.locations if path.startswith(_path(arn))]
    parent = find_database(world, catalog_id, viewer.region, database) if database else None
    inherited = str(parent.body.get("LocationUri", "")) if parent else ""
    if not covering or (inherited and path.startswith(_path(inherited))):
        return
    if not _holds(world, viewer, catalog_id, path):
        raise insufficient("Data_Location_Access", partitions.s3_arn(viewer.region, path.rstrip("/")))


def _holds(world: World, viewer: Viewer, catalog_id: str, path: str) -> bool:
    owner = Resource(Kind.DATA_LOCATION, catalog_id).owner
    if owner == viewer.account and is_admin(world, viewer):
        return True
    places = [
        one
        for one in book_of(world, catalog_id, viewer.region).on
        if one.kind is Kind.DATA_LOCATION and path.startswith(_path(one.location))
    ]
    return any("DATA_LOCATION_ACCESS" in held_verbs(world, viewer, place) for place in places)


def _path(location: str) -> str:
    """Bucket and prefix of an ARN or a URI, as a folder."""
    return _S3.sub("", location).split("://", 1)[-1].rstrip("/") + "/"
