"""CTAS, INSERT and UNLOAD write what the caller may read to where the caller may write."""

import json

import pytest

from mocklake.tests.athena.lakes import SALES, Lake
from mocklake.tests.events.queues import CENTRAL

ORDERS = {"Table": {"DatabaseName": "sales", "Name": "orders"}}
SOME = {"TableWithColumns": {"DatabaseName": "sales", "Name": "orders", "ColumnNames": ["id", "country"]}}


@pytest.fixture
def lake() -> Lake:
    return Lake()


def _open_sales(lake: Lake) -> None:
    """The admin of the lake reads nothing by itself."""
    client = lake.aws.client("lakeformation", CENTRAL, "admin")
    admin = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CENTRAL}:role/admin"}
    client.grant_permissions(Principal=admin, Resource=ORDERS, Permissions=["SELECT"])


def test_a_table_is_made_of_a_query(lake: Lake) -> None:
    _open_sales(lake)
    lake.run(
        "CREATE TABLE c WITH (format='PARQUET', external_location='s3://made-here/c/', partitioned_by=ARRAY['day']) "
        "AS SELECT id, price, day FROM sales.orders"
    )
    assert lake.run("SELECT id, day FROM c ORDER BY id") == [["1", "mon"], ["2", "mon"], ["3", "tue"]]
    assert lake.run("SHOW PARTITIONS c") == [["day=mon"], ["day=tue"]]
    assert "TABLE_ALREADY_EXISTS" in lake.ask("CREATE TABLE c AS SELECT 1 AS a").reason
    lake.run("DROP TABLE c")
    again = "CREATE TABLE c WITH (external_location='s3://made-here/c/') AS SELECT 1 AS a"
    assert "HIVE_PATH_ALREADY_EXISTS" in lake.ask(again).reason


@pytest.mark.parametrize("form", ["PARQUET", "JSON", "TEXTFILE"])
def test_rows_come_back_in_each_format(lake: Lake, form: str) -> None:
    lake.run(
        f"CREATE TABLE c WITH (format='{form}', external_location='s3://made-here/c/') AS SELECT 1 AS a, 'x' AS b"
    )
    lake.run("INSERT INTO c VALUES (2, NULL)", "INSERT INTO c (b) VALUES ('only')")
    assert lake.run("SELECT * FROM c ORDER BY b") == [[None, "only"], ["1", "x"], ["2", None]]


def test_a_table_without_data_is_empty(lake: Lake) -> None:
    lake.run("CREATE TABLE c WITH (external_location='s3://made-here/c/') AS SELECT 1 AS a WITH NO DATA")
    assert (lake.run("SELECT * FROM c"), lake.keys("c/")) == ([], [])


def test_rows_must_fit_the_table(lake: Lake) -> None:
    lake.run("CREATE EXTERNAL TABLE t (a int, b string) STORED AS PARQUET LOCATION 's3://made-here/t/'")
    for values in ("('x', 'y')", "(1)", "(1, 'x', 2)"):
        assert "mismatched column types" in lake.ask(f"INSERT INTO t VALUES {values}").reason
    assert "does not exist in target" in lake.ask("INSERT INTO t (none) VALUES (1)").reason
    assert lake.keys("t/") == []


def test_unload_writes_into_an_empty_folder(lake: Lake) -> None:
    lake.run(
        "UNLOAD (SELECT 1 AS a, 'x' AS b) TO 's3://made-here/u/' WITH (format='JSON', partitioned_by=ARRAY['b'])"
    )
    (key,) = lake.keys("u/")
    assert key.startswith("u/b=x/")
    assert json.loads(lake.s3.get_object(Bucket="made-here", Key=key)["Body"].read()) == {"a": 1}
    assert (
        "HIVE_PATH_ALREADY_EXISTS"
        in lake.ask("UNLOAD (SELECT 1 AS a) TO 's3://made-here/u/' WITH (format='JSON')").reason
    )


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO sales.orders VALUES (9, 'DE', 'Eve', 1.0, 'mon')",
        "CREATE TABLE sales.mine WITH (external_location='s3://made-here/m/') AS SELECT 1 AS a",
        "UNLOAD (SELECT id FROM sales.orders) TO 's3://made-here/m/' WITH (format='JSON')",
        "INSERT INTO mine SELECT price FROM sales.orders",
    ],
)
def test_without_permission_nothing_is_written(lake: Lake, sql: str) -> None:
    lake.run("CREATE EXTERNAL TABLE mine (a double) STORED AS PARQUET LOCATION 's3://made-here/m/'")
    lake.grant({"Table": {"DatabaseName": "w", "Name": "mine"}}, "INSERT", "DESCRIBE")
    lake.grant({"Table": {"DatabaseName": "sales", "Name": "orders"}}, "DESCRIBE")
    answer = lake.ask(sql, "analyst")
    assert (answer.state, "Insufficient Lake Formation permission" in answer.reason) == ("FAILED", True)
    assert lake.keys("m/") == []


def test_a_copy_has_the_granted_columns_alone(lake: Lake) -> None:
    lake.grant(SALES, "CREATE_TABLE")
    lake.grant(SOME, "SELECT")
    lake.run(
        "CREATE TABLE sales.copy WITH (external_location='s3://made-here/copy/') AS SELECT * FROM sales.orders",
        who="analyst",
    )
    found = lake.glue.get_table(DatabaseName="sales", Name="copy")["Table"]["StorageDescriptor"]["Columns"]
    assert [one["Name"] for one in found] == ["id", "country", "day"]
    sql = "CREATE TABLE sales.other WITH (external_location='s3://made-here/o/') AS SELECT price FROM sales.orders"
    assert lake.ask(sql, "analyst").state == "FAILED"


def test_s3_decides_where_nothing_is_registered(lake: Lake) -> None:
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::made-here/*",
    }
    lake.run("CREATE EXTERNAL TABLE t (a int) STORED AS PARQUET LOCATION 's3://made-here/t/'")
    lake.s3.put_bucket_policy(Bucket="made-here", Policy=json.dumps({"Statement": [deny]}))
    for sql in (
        "INSERT INTO t VALUES (1)",
        "CREATE TABLE c WITH (external_location='s3://made-here/c/') AS SELECT 1 AS a",
        "UNLOAD (SELECT 1 AS a) TO 's3://made-here/u/' WITH (format='JSON')",
    ):
        assert "PERMISSION_DENIED" in lake.ask(sql).reason
    assert lake.keys("") == []
    assert [one["Name"] for one in lake.glue.get_tables(DatabaseName="w")["TableList"]] == ["t"]


def test_the_registered_role_writes_for_whom_insert_is_granted(lake: Lake) -> None:
    """The seed's role may read the lake and not write it: the caller's own rights do not count there."""
    lake.grant(ORDERS, "INSERT", "DESCRIBE")
    answer = lake.ask("INSERT INTO sales.orders VALUES (9, 'DE', 'Eve', 1.0, 'mon')", "analyst")
    assert "PERMISSION_DENIED" in answer.reason
