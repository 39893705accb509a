"""SHOW, DESCRIBE and the metadata calls tell what the caller may see."""

from typing import Any

import pytest

from mocklake.testing.athena_query import ask
from mocklake.testing.checks import refused
from mocklake.testing.in_process import InProcess
from mocklake.tests.events.queues import CENTRAL, PAIR

ANALYST = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CENTRAL}:role/analyst"}


@pytest.fixture(scope="module")
def aws() -> InProcess:
    started = InProcess(PAIR)
    lake = started.client("lakeformation", CENTRAL, "admin")
    some = {"DatabaseName": "sales", "Name": "orders", "ColumnNames": ["id", "country"]}
    lake.grant_permissions(Principal=ANALYST, Resource={"TableWithColumns": some}, Permissions=["SELECT"])
    return started


@pytest.mark.parametrize(
    ("sql", "all_rows", "seen"),
    [
        ("SHOW DATABASES", ["claims", "sales"], ["sales"]),
        ("SHOW DATABASES 'cl*'", ["claims"], []),
        ("SHOW SCHEMAS LIKE 'sa*|cl*'", ["claims", "sales"], ["sales"]),
        ("SHOW TABLES", ["customers", "orders"], ["orders"]),
        ("SHOW TABLES IN `sales` 'o*'", ["orders"], ["orders"]),
        (
            "SHOW COLUMNS FROM sales.orders",
            ["id", "country", "customer", "price", "day"],
            ["id", "country", "day"],
        ),
        (
            "SHOW COLUMNS IN orders IN sales",
            ["id", "country", "customer", "price", "day"],
            ["id", "country", "day"],
        ),
        ("SHOW TABLES IN sales", ["customers", "orders"], ["orders"]),
        ("SHOW COLUMNS IN orders", ["id", "country", "customer", "price", "day"], ["id", "country", "day"]),
    ],
)
def test_rows_are_cut_to_what_is_seen(aws: InProcess, sql: str, all_rows: list[str], seen: list[str]) -> None:
    for who, expected in (("", all_rows), ("analyst", seen)):
        answer = ask(aws.client("athena", CENTRAL, who), sql, "sales")
        assert [row[0] for row in answer.rows] == expected


def test_describe_pads_a_row_into_one_text(aws: InProcess) -> None:
    answer = ask(aws.client("athena", CENTRAL, "analyst"), "DESCRIBE sales.orders")
    assert [str(row[0]).split() for row in answer.rows] == [
        ["id", "int"],
        ["country", "string"],
        ["day", "string"],
        [],
        ["#", "Partition", "Information"],
        ["#", "col_name", "data_type", "comment"],
        [],
        ["day", "string"],
    ]
    assert answer.rows[0] == ["\t".join(text.ljust(20) for text in ("id", "int", ""))]


@pytest.mark.parametrize(
    "sql", ["SHOW TABLES IN claims", "DESCRIBE sales.customers", "DESCRIBE sales.none", "SHOW TABLES"]
)
def test_what_is_not_seen_fails(aws: InProcess, sql: str) -> None:
    assert ask(aws.client("athena", CENTRAL, "analyst"), sql).state == "FAILED"


def test_partitions_are_shown_by_key_and_value(aws: InProcess) -> None:
    glue = aws.client("glue", CENTRAL)
    for day in ("tue", "mon"):
        place = {"Location": f"s3://central-lake/orders/{day}/"}
        glue.create_partition(
            DatabaseName="sales",
            TableName="orders",
            PartitionInput={"Values": [day], "StorageDescriptor": place},
        )
    answer = ask(aws.client("athena", CENTRAL), "SHOW PARTITIONS sales.orders")
    assert answer.rows == [["day=mon"], ["day=tue"]]


def test_metadata_is_that_of_glue_as_the_caller_sees_it(aws: InProcess) -> None:
    athena = aws.client("athena", CENTRAL, "analyst")
    here: dict[str, Any] = {"CatalogName": "AwsDataCatalog"}
    assert [one["Name"] for one in athena.list_databases(**here)["DatabaseList"]] == ["sales"]
    assert athena.get_database(DatabaseName="sales", **here)["Database"]["Name"] == "sales"
    (table,) = athena.list_table_metadata(DatabaseName="sales", Expression="o.*", **here)["TableMetadataList"]
    assert [one["Name"] for one in table["Columns"]] == ["id", "country"]
    found = athena.get_table_metadata(DatabaseName="sales", TableName="orders", **here)["TableMetadata"]
    assert [one["Name"] for one in found["PartitionKeys"]] == ["day"]
    unseen = {"DatabaseName": "sales", "TableName": "customers", **here}
    assert refused(athena.get_table_metadata, **unseen) == "MetadataException"
    assert refused(athena.list_databases, CatalogName="none") == "InvalidRequestException"


def test_glues_own_is_the_only_data_catalog(aws: InProcess) -> None:
    athena = aws.client("athena", CENTRAL, "analyst")
    assert [one["CatalogName"] for one in athena.list_data_catalogs()["DataCatalogsSummary"]] == [
        "AwsDataCatalog"
    ]
    assert athena.get_data_catalog(Name="AwsDataCatalog")["DataCatalog"]["Type"] == "GLUE"
