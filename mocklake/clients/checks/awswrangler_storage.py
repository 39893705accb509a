"""AWS SDK for pandas: S3, and Lake Formation."""

from io import BytesIO

import awswrangler as wr
import boto3

from mocklake.clients.checks.assertions import BUCKET, LAKE, equal, holds
from mocklake.clients.checks.awswrangler_shop import DATABASE, ORDERS


def list_objects() -> None:
    holds(all(one.startswith(ORDERS) for one in wr.s3.list_objects(ORDERS)))
    holds(f"{ORDERS}" in wr.s3.list_directories(f"{LAKE}/"))


def list_buckets() -> None:
    holds(BUCKET in wr.s3.list_buckets())


def read_parquet_dataset() -> None:
    equal(len(wr.s3.read_parquet(f"{LAKE}/days/", dataset=True)), 4)
    equal(len(wr.s3.read_parquet_table("orders", DATABASE)), 4)


def read_parquet_metadata() -> None:
    types, _ = wr.s3.read_parquet_metadata(ORDERS, dataset=True)
    equal(types["id"], "bigint")


def describe_objects() -> None:
    size = wr.s3.size_objects(ORDERS)
    holds(size and all(value > 0 for value in size.values()))
    holds(wr.s3.describe_objects(ORDERS))


def copy_objects() -> None:
    paths = wr.s3.list_objects(ORDERS)
    wr.s3.copy_objects(paths, ORDERS, f"{LAKE}/elsewhere/")
    equal(len(wr.s3.list_objects(f"{LAKE}/elsewhere/")), len(paths))


def merge_datasets() -> None:
    wr.s3.merge_datasets(f"{LAKE}/elsewhere/", f"{LAKE}/merged/", mode="overwrite")
    equal(len(wr.s3.list_objects(f"{LAKE}/merged/")), 1)


def upload_and_download() -> None:
    wr.s3.upload(BytesIO(b"bread"), f"{LAKE}/files/one.txt")
    back = BytesIO()
    wr.s3.download(f"{LAKE}/files/one.txt", back)
    equal(back.getvalue(), b"bread")
    equal(wr.s3.does_object_exist(f"{LAKE}/files/one.txt"), True)


def delete_objects() -> None:
    wr.s3.delete_objects(f"{LAKE}/merged/")
    equal(wr.s3.list_objects(f"{LAKE}/merged/"), [])


def wait_for_objects() -> None:
    wr.s3.wait_objects_exist([f"{LAKE}/files/one.txt"])
    wr.s3.wait_objects_not_exist([f"{LAKE}/files/two.txt"])


def read_governed_by_filter() -> None:
    boto3.client("lakeformation").create_data_cells_filter(
        TableData={
            "TableCatalogId": "100000000001",
            "DatabaseName": DATABASE,
            "TableName": "orders",
            "Name": "ryes",
            "RowFilter": {"FilterExpression": "bread = 'rye'"},
            "ColumnNames": ["id"],
        }
    )
    listed = boto3.client("lakeformation").list_data_cells_filter(
        Table={"CatalogId": "100000000001", "DatabaseName": DATABASE, "Name": "orders"}
    )
    equal([cells_filter["Name"] for cells_filter in listed["DataCellsFilters"]], ["ryes"])


def delete_database() -> None:
    wr.catalog.create_database("short_lived")
    wr.catalog.delete_database("short_lived")
    holds("short_lived" not in set(wr.catalog.databases().Database))
