"""Athena over partitions: registered ones and folders, their keys as columns, and who may read them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from mocklake.testing.athena_query import ask
from mocklake.testing.in_process import InProcess

CENTRAL, CONSUMER = "111111111111", "222222222222"
SEED = str(Path(__file__).parents[3] / "mocklake/scenarios/seeds/pair.yaml")
LAKE = "s3://central-lake/events"
COLUMNS = [{"Name": "id", "Type": "int"}, {"Name": "note", "Type": "string"}]
CSV = {
    "SerdeInfo": {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        "Parameters": {"field.delim": ";"},
    }
}


@pytest.fixture
def aws() -> Iterator[InProcess]:
    with InProcess(seed=SEED) as started:
        yield started


@pytest.fixture
def glue(aws: InProcess) -> Any:
    return aws.client("glue", CENTRAL)


def put(aws: InProcess, key: str, content: bytes | str) -> None:
    aws.client("s3", CENTRAL).put_object(Bucket="central-lake", Key=key, Body=content)


def parquet(folder: Path, select: str) -> bytes:
    path = folder / "rows.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
    return path.read_bytes()


def make_table(glue: Any, keys: dict[str, str], **storage: Any) -> None:
    described = {"Columns": COLUMNS, "Location": LAKE + "/", **storage}
    body = {
        "Name": "events",
        "StorageDescriptor": described,
        "PartitionKeys": [{"Name": name, "Type": kind} for name, kind in keys.items()],
    }
    glue.create_table(DatabaseName="sales", TableInput=body)


def register(glue: Any, values: list[str], location: str, **storage: Any) -> None:
    body = {"Values": values, "StorageDescriptor": {"Location": location, **storage}}
    glue.create_partition(DatabaseName="sales", TableName="events", PartitionInput=body)


def grant(aws: InProcess, resource: dict[str, Any]) -> Any:
    """SELECT to the analyst of the owning account, whose Athena is answered."""
    who = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CENTRAL}:role/analyst"}
    lake = aws.client("lakeformation", CENTRAL, "admin")
    lake.grant_permissions(Principal=who, Resource=resource, Permissions=["SELECT"])
    return aws.client("athena", CENTRAL, "analyst")


def rows(athena: Any, sql: str) -> list[list[str | None]]:
    answer = ask(athena, sql, "sales")
    assert answer.state == "SUCCEEDED", answer.reason
    return answer.rows[1:]


WHOLE = {"Table": {"DatabaseName": "sales", "Name": "events"}}


def test_registered_partitions_are_read_and_nothing_else(aws: InProcess, glue: Any, tmp_path: Path) -> None:
    make_table(glue, {"day": "date", "shard": "int"})
    put(aws, "events/a/1.parquet", parquet(tmp_path, "SELECT 1 AS id, 'a' AS note"))
    put(aws, "elsewhere/2.parquet", parquet(tmp_path, "SELECT 2 AS id, 'b' AS note"))
    put(aws, "events/loose.parquet", parquet(tmp_path, "SELECT 3 AS id, 'c' AS note"))
    register(glue, ["2026-01-01", "7"], f"{LAKE}/a")
    register(glue, ["2026-01-02", "__HIVE_DEFAULT_PARTITION__"], "s3://central-lake/elsewhere/")
    athena = grant(aws, WHOLE)
    assert rows(athena, "SELECT * FROM events ORDER BY id") == [
        ["1", "a", "2026-01-01", "7"],
        ["2", "b", "2026-01-02", None],
    ]
    assert rows(athena, "SELECT id FROM events WHERE day > date '2026-01-01'") == [["2"]]


def test_folders_give_the_keys_of_a_table_without_registered_partitions(
    aws: InProcess, glue: Any, tmp_path: Path
) -> None:
    make_table(glue, {"region": "string"})
    put(aws, "events/region=north%20sea/1.parquet", parquet(tmp_path, "SELECT 1 AS id, 'a' AS note"))
    put(aws, "events/2.parquet", parquet(tmp_path, "SELECT 2 AS id, 'b' AS note, 'stored' AS region"))
    put(aws, "events/_metadata", b"no rows")
    found = rows(grant(aws, WHOLE), "SELECT id, region FROM events ORDER BY id")
    assert found == [["1", "north sea"], ["2", "stored"]]


def test_partition_keys_come_with_any_granted_column_and_the_oracle_agrees(
    aws: InProcess, glue: Any, tmp_path: Path
) -> None:
    make_table(glue, {"day": "date"})
    put(aws, "events/d/1.parquet", parquet(tmp_path, "SELECT 1 AS id, 'a' AS note"))
    register(glue, ["2026-01-01"], f"{LAKE}/d/")
    columns = {"DatabaseName": "sales", "Name": "events", "ColumnNames": ["id"]}
    athena = grant(aws, {"TableWithColumns": columns})
    assert rows(athena, "SELECT * FROM events") == [["1", "2026-01-01"]]
    place = f"principal=arn:aws:iam::{CENTRAL}:role/analyst&catalog={CENTRAL}&region=eu-central-1"
    for column, allowed in (("id", True), ("day", True), ("note", False)):
        judged = aws.control(f"oracle?{place}&database=sales&table=events&column={column}")
        assert judged["allowed"] is allowed


def test_a_filter_on_a_partition_key_leaves_its_partitions_rows(
    aws: InProcess, glue: Any, tmp_path: Path
) -> None:
    make_table(glue, {"day": "date"})
    for number in (1, 2):
        put(aws, f"events/{number}/x", parquet(tmp_path, f"SELECT {number} AS id, 'n' AS note"))
        register(glue, [f"2026-01-0{number}"], f"{LAKE}/{number}/")
    place = {"TableCatalogId": CENTRAL, "DatabaseName": "sales", "TableName": "events", "Name": "first"}
    only = {"RowFilter": {"FilterExpression": "day = '2026-01-01'"}, "ColumnWildcard": {}}
    aws.client("lakeformation", CENTRAL, "admin").create_data_cells_filter(TableData=place | only)
    assert rows(grant(aws, {"DataCellsFilter": place}), "SELECT id, day FROM events") == [["1", "2026-01-01"]]


def test_a_partition_outside_the_readers_reach_fails_the_query(
    aws: InProcess, glue: Any, tmp_path: Path
) -> None:
    make_table(glue, {"day": "date"})
    aws.client("s3", CONSUMER).create_bucket(
        Bucket="foreign", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    register(glue, ["2026-01-01"], "s3://foreign/x/")
    answer = ask(grant(aws, WHOLE), "SELECT id FROM events", "sales")
    assert answer.reason.startswith("PERMISSION_DENIED")


def test_a_value_that_is_none_of_its_key_fails_the_query(aws: InProcess, glue: Any) -> None:
    make_table(glue, {"day": "date"})
    register(glue, ["soon"], f"{LAKE}/x/")
    answer = ask(grant(aws, WHOLE), "SELECT id FROM events", "sales")
    assert answer.reason.startswith("HIVE_INVALID_PARTITION_VALUE")


def test_csv_and_json_lines_are_read_by_their_serde(aws: InProcess, glue: Any) -> None:
    make_table(glue, {"day": "string"}, **CSV)
    put(aws, "events/c/1.csv", '1;"a;b"\nno number;c\n')
    put(aws, "events/j/1.json", '{"id": 3, "note": "d"}\n{"id": 4}\n')
    register(glue, ["mon"], f"{LAKE}/c/")
    json_serde = {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"}
    register(glue, ["tue"], f"{LAKE}/j/", SerdeInfo=json_serde)
    found = rows(grant(aws, WHOLE), "SELECT id, note, day FROM events ORDER BY day, note")
    assert found == [["1", "a;b", "mon"], [None, "c", "mon"], ["3", "d", "tue"], ["4", None, "tue"]]
