"""A table bucket of S3 Tables in the producer's catalog, with one table."""

from typing import Any

from mocklake.glue.catalogs import mount
from mocklake.tests.lakeformation.worlds import PRODUCER, REGION, call, caller, table_input
from mocklake.world import World

ROOT = caller(PRODUCER)
TOP = f"{PRODUCER}:s3tablescatalog"
BUCKET = f"{TOP}/web"


def with_bucket(world: World) -> World:
    """`web`, its namespace `sales` and in it the table `orders`, as in the account's own catalog."""
    source = {
        "Identifier": f"arn:aws:s3tables:{REGION}:{PRODUCER}:bucket/*",
        "ConnectionName": "aws:s3tables",
    }
    made: dict[str, Any] = {
        "FederatedCatalog": source,
        "CreateDatabaseDefaultPermissions": [],
        "CreateTableDefaultPermissions": [],
    }
    call(world, ROOT, "glue", "CreateCatalog", Name="s3tablescatalog", CatalogInput=made)
    mount(world, BUCKET, REGION)
    call(world, ROOT, "glue", "CreateDatabase", CatalogId=BUCKET, DatabaseInput={"Name": "sales"})
    call(
        world,
        ROOT,
        "glue",
        "CreateTable",
        CatalogId=BUCKET,
        DatabaseName="sales",
        TableInput=table_input("orders"),
    )
    return world
