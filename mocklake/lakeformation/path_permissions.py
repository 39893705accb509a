"""GetEffectivePermissionsForPath: the rows on the databases and tables that lie at a path in S3.

Source: service model. That things below the path count, and not only those exactly at it, is assumed.
"""

from collections.abc import Iterator
from typing import Any

from mocklake import partitions
from mocklake.errors import AwsError
from mocklake.glue.store import catalog
from mocklake.iam.callers import Caller
from mocklake.lakeformation.listing import answers, visible_rows
from mocklake.lakeformation.pages import Position, page, page_size
from mocklake.lakeformation.resources import Resource, database_resource, table_resource
from mocklake.world import World

PAGE_LIMIT = 1000


def get_effective_permissions_for_path(
    world: World, caller: Caller, params: dict[str, Any]
) -> dict[str, Any]:
    """Cut, like ListPermissions, to what the caller may see."""
    arn = params["ResourceArn"]
    s3 = partitions.s3_arn(caller.region)
    if not arn.startswith(s3) or arn == s3:
        raise AwsError("InvalidInputException", f"Invalid S3 resource ARN: {arn}")
    catalog_id = params.get("CatalogId") or caller.account
    places = list(_lying_at(world, catalog_id, caller.region, arn.removeprefix(s3)))

    def items(start: Position | None) -> Iterator[tuple[Position, dict[str, Any]]]:
        for position, row in visible_rows(world, caller, catalog_id, places, start) if places else ():
            for index, answer in enumerate(answers(world, row)):
                yield [*position, index], answer

    size, token = page_size(params, PAGE_LIMIT), params.get("NextToken")
    found, more = page(items, shape=(int, int, int), token=token, size=size)
    return {"Permissions": found} | ({"NextToken": more} if more else {})


def _lying_at(world: World, catalog_id: str, region: str, path: str) -> Iterator[Resource | None]:
    databases, below = catalog(world, catalog_id, region), world.switches.paths_include_below
    for name, database in sorted(databases.items()):
        if _lies_in(str(database.body.get("LocationUri", "")), path, below=below):
            yield database_resource(catalog_id, name)
        for table in sorted(database.tables):
            if _lies_in(database.tables[table].location, path, below=below):
                yield table_resource(catalog_id, name, table)


def _lies_in(location: str, path: str, *, below: bool) -> bool:
    place = location.split("://", 1)[-1].rstrip("/") + "/"
    asked = path.rstrip("/") + "/"
    return bool(location) and (place.startswith(asked) if below else place == asked)
