"""A catalog of a seed: LF-Tags, locations, databases, tables and their rows."""

from dataclasses import replace
from typing import Any

from mocklake import moto_bridge, partitions
from mocklake.catalog_ids import full_id
from mocklake.glue.catalogs import S3_TABLES, mount
from mocklake.glue.store import find_catalog
from mocklake.seeds.mesh_file import Catalog, Column, Database, Table
from mocklake.seeds.parquet import Rows
from mocklake.seeds.placement import as_root, placed, role_arn
from mocklake.world import World

_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"


def make(world: World, catalog: Catalog, rows: Rows, where: str) -> None:
    """Raises PlacedError."""
    place = (world, catalog.account, catalog.region)
    if catalog.path:
        with placed(f"{where}.path"):
            _mount(world, catalog)
    for key, values in catalog.tags.items():
        with placed(f"{where}.tags.{key}"):
            as_root(*place, "lakeformation", "CreateLFTag", TagKey=key, TagValues=values)
    for index, one in enumerate(catalog.locations):
        with placed(f"{where}.locations[{index}]"):
            role: dict[str, Any] = {"RoleArn": role_arn(catalog.account, one.role)} if one.role else {}
            by = role or {"UseServiceLinkedRole": True}
            as_root(
                *place, "lakeformation", "RegisterResource",
                ResourceArn=one.arn, HybridAccessEnabled=one.hybrid, **by,
            )  # fmt: skip
    for index, database in enumerate(catalog.databases):
        with placed(f"{where}.databases[{index}]"):
            for number in range(1, database.times + 1):
                _make_database(
                    world, catalog, _numbered(database, number), rows, f"{where}.databases[{index}]"
                )


def _mount(world: World, catalog: Catalog) -> None:
    """With the catalogs above it that are not there; the topmost is of S3 Tables if it has the name for it."""
    top, *below = catalog.path.lower().split("/")
    catalog_id = full_id(top, catalog.account)
    if find_catalog(world, catalog_id, catalog.region) is None:
        source = (
            f"arn:{partitions.of_region(catalog.region)}:s3tables:{catalog.region}:{catalog.account}:bucket/*"
        )
        is_s3 = top == "s3tablescatalog"
        federated = {"Identifier": source, "ConnectionName": S3_TABLES} if is_s3 else {"Identifier": top}
        made = {"FederatedCatalog": federated}
        as_root(world, catalog.account, catalog.region, "glue", "CreateCatalog", Name=top, CatalogInput=made)
    for name in below:
        catalog_id = f"{catalog_id}/{name}"
        if find_catalog(world, catalog_id, catalog.region) is None:
            mount(world, catalog_id, catalog.region)


def _inside(catalog: Catalog) -> dict[str, str]:
    """The call's CatalogId for a nested catalog."""
    return {"CatalogId": full_id(catalog.path, catalog.account)} if catalog.path else {}


def _numbered(one: Any, number: int, database: str = "") -> Any:
    """A database or table with its numbers and names filled in."""
    texts = {
        name: text.replace("{number}", str(number)).replace("{database}", database)
        for name in ("name", "location", "comment")
        if isinstance(text := getattr(one, name, None), str)
    }
    return replace(one, **texts)


def _make_database(world: World, catalog: Catalog, database: Database, rows: Rows, where: str) -> None:
    made = {"Name": database.name, "Description": database.comment}
    as_root(
        world,
        catalog.account,
        catalog.region,
        "glue",
        "CreateDatabase",
        DatabaseInput=made,
        **_inside(catalog),
    )
    _tag(world, catalog, {"Database": {"Name": database.name}}, database.tags)
    for index, table in enumerate(database.tables):
        with placed(f"{where}.tables[{index}]"):
            for number in range(1, table.times + 1):
                _make_table(world, catalog, database, _numbered(table, number, database.name), rows)


def _make_table(world: World, catalog: Catalog, database: Database, table: Table, rows: Rows) -> None:
    as_root(
        world, catalog.account, catalog.region, "glue", "CreateTable",
        DatabaseName=database.name, TableInput=_table_input(table), **_inside(catalog),
    )  # fmt: skip
    named = {"DatabaseName": database.name, "Name": table.name}
    _tag(world, catalog, {"Table": named}, table.tags)
    for column in table.columns:
        _tag(world, catalog, {"TableWithColumns": named | {"ColumnNames": [column.name]}}, column.tags)
    if table.csv is not None or table.sql is not None:
        _put_rows(table, rows)


def _put_rows(table: Table, rows: Rows) -> None:
    if table.csv is not None and table.sql is not None:
        raise ValueError(f"table {table.name} has csv or sql, not both")
    bucket, _, prefix = table.location.removeprefix("s3://").partition("/")
    owner = moto_bridge.bucket_owner(bucket)
    if owner is None:
        raise ValueError(f"table {table.name}: there is no bucket {bucket}")
    content = rows.parquet([*table.columns, *table.partition_keys], csv=table.csv, sql=table.sql)
    key = f"{prefix.rstrip('/')}/part-00000.parquet".lstrip("/")
    moto_bridge.s3(owner).put_object(bucket, key, content)


def _table_input(table: Table) -> dict[str, Any]:
    return {
        "Name": table.name,
        "Description": table.comment,
        "TableType": "EXTERNAL_TABLE",
        "StorageDescriptor": {
            "Columns": _described(table.columns),
            "Location": table.location,
            "InputFormat": f"{_PARQUET}.MapredParquetInputFormat",
            "OutputFormat": f"{_PARQUET}.MapredParquetOutputFormat",
            "SerdeInfo": {"SerializationLibrary": f"{_PARQUET}.serde.ParquetHiveSerDe"},
        },
        "PartitionKeys": _described(table.partition_keys),
        "Parameters": {"classification": "parquet"},
    }


def _described(columns: list[Column]) -> list[dict[str, str]]:
    return [{"Name": one.name, "Type": one.type, "Comment": one.comment} for one in columns]


def _tag(world: World, catalog: Catalog, resource: dict[str, Any], wanted: dict[str, str]) -> None:
    if not wanted:
        return
    tags = [{"TagKey": key, "TagValues": [value]} for key, value in wanted.items()]
    place = (world, catalog.account, catalog.region, "lakeformation")
    failures = as_root(*place, "AddLFTagsToResource", Resource=resource, LFTags=tags)["Failures"]
    if failures:
        raise ValueError(f"{failures[0]['LFTag']}: {failures[0]['Error']['ErrorMessage']}")
