"""Versions, batches, Iceberg: what changes of tables leave behind."""

from typing import Any

import pytest

from mocklake.tests.glue.nested_catalogs import ROOT
from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    ANALYST,
    call,
    grant,
    new_world,
    on_columns,
    on_table,
    refused,
    rows,
    table_input,
    with_table,
)
from mocklake.world import World

ORDERS = {"DatabaseName": "sales", "TableName": "orders"}
PLACE = "s3://producer-lake/events"


def _update(world: World, text: str, **more: Any) -> None:
    body = table_input("orders") | {"Description": text}
    call(world, ROOT, "glue", "UpdateTable", DatabaseName="sales", TableInput=body, **more)


def _numbers(world: World) -> list[str]:
    listed = call(world, ROOT, "glue", "GetTableVersions", **ORDERS)["TableVersions"]
    return [one["VersionId"] for one in listed]


def test_versions_are_read_by_number_and_deleted_but_for_the_present_one() -> None:
    world = with_table(new_world())
    for text in ("one", "two", "three"):
        _update(world, text, SkipArchive=text == "two")
    assert _numbers(world) == ["3", "2", "0"]
    old = call(world, ROOT, "glue", "GetTableVersion", VersionId="2", **ORDERS)["TableVersion"]
    assert old["Table"]["Description"] == "two"
    call(world, ROOT, "glue", "DeleteTableVersion", VersionId="2", **ORDERS)
    answer = call(world, ROOT, "glue", "BatchDeleteTableVersion", VersionIds=["0", "2", "3", "x"], **ORDERS)
    codes = {one["VersionId"]: one["ErrorDetail"]["ErrorCode"] for one in answer["Errors"]}
    assert codes == {
        "2": "EntityNotFoundException", "3": "InvalidInputException", "x": "InvalidInputException",
    }  # fmt: skip
    assert _numbers(world) == ["3"]


def test_an_older_version_shows_no_column_that_is_not_granted_today() -> None:
    world = with_table(new_world())
    columns = [{"Name": name, "Type": "string"} for name in ("id", "phone", "amount", "country")]
    body = table_input("orders") | {"StorageDescriptor": {"Columns": columns}}
    call(world, ROOT, "glue", "UpdateTable", DatabaseName="sales", TableInput=body)
    grant(world, ADMIN, ANALYST.arn, on_columns("id", "phone"), "SELECT")
    for number, names in {"0": ["id"], "1": ["id", "phone"]}.items():
        found = call(world, ANALYST, "glue", "GetTableVersion", VersionId=number, **ORDERS)["TableVersion"]
        assert [one["Name"] for one in found["Table"]["StorageDescriptor"]["Columns"]] == names
    with refused("AccessDeniedException"):
        call(world, ANALYST, "glue", "DeleteTableVersion", VersionId="0", **ORDERS)


def test_a_batch_deletes_what_it_may_with_the_rows_on_it() -> None:
    world = with_table(with_table(new_world()), table="returns")
    grant(world, ADMIN, ANALYST.arn, on_table(), "DROP")
    asked = {"DatabaseName": "sales", "TablesToDelete": ["Orders", "returns", "none"]}
    errors = call(world, ANALYST, "glue", "BatchDeleteTable", **asked)["Errors"]
    codes = {one["TableName"]: one["ErrorDetail"]["ErrorCode"] for one in errors}
    assert codes == {"returns": "AccessDeniedException", "none": "EntityNotFoundException"}
    assert rows(world, ADMIN) == []


def _iceberg(world: World, *fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    made = {"Location": PLACE, "Schema": {"Fields": list(fields)}} | more
    given = {"MetadataOperation": "CREATE", "CreateIcebergTableInput": made}
    asked = {"Name": "events", "OpenTableFormatInput": {"IcebergInput": given}}
    call(world, ROOT, "glue", "CreateTable", DatabaseName="sales", **asked)
    return _events(world)


def _events(world: World) -> dict[str, Any]:
    asked = {"AttributesToGet": ["DEFAULT", "LATEST_ICEBERG_METADATA"]}
    table: dict[str, Any] = call(
        world, ROOT, "glue", "GetTable", DatabaseName="sales", Name="events", **asked
    )["Table"]
    return table


def _field(number: int, kind: Any) -> dict[str, Any]:
    return {"Id": number, "Name": f"c{number}", "Type": kind, "Required": False}


@pytest.mark.parametrize(
    ("kind", "hive"),
    [
        ("long", "bigint"), ("timestamptz", "timestamp"), ("uuid", "string"), ("fixed[4]", "binary"),
        ("decimal(9, 2)", "decimal(9,2)"),
        ({"type": "list", "element": "int"}, "array<int>"),
        ({"type": "map", "key": "string", "value": {"type": "list", "element": "long"}}, "map<string,array<bigint>>"),
        ({"type": "struct", "fields": [{"name": "a", "type": "int"}]}, "struct<a:int>"),
    ],
)  # fmt: skip
def test_types_of_iceberg_become_hives(kind: Any, hive: str) -> None:
    table = _iceberg(with_table(new_world()), _field(1, kind))
    assert [one["Type"] for one in table["StorageDescriptor"]["Columns"]] == [hive]


def test_iceberg_metadata_follow_each_update() -> None:
    world = with_table(new_world())
    before = _iceberg(world, _field(1, "long"), Properties={"write.format": "parquet"})
    assert before["Parameters"]["table_type"] == "ICEBERG"
    updates = [
        {"Location": PLACE, "Schema": {"Fields": [_field(1, "long"), _field(7, "date")]}},
        {
            "Location": PLACE,
            "Schema": {"Fields": []},
            "Action": "remove-properties",
            "Properties": {"write.format": ""},
        },
        {"Location": f"{PLACE}-moved", "Schema": {"Fields": []}, "Action": "set-location"},
    ]
    asked = {"UpdateIcebergInput": {"UpdateIcebergTableInput": {"Updates": updates}}}
    call(
        world,
        ROOT,
        "glue",
        "UpdateTable",
        DatabaseName="sales",
        Name="events",
        UpdateOpenTableFormatInput=asked,
    )
    after = _events(world)
    metadata = after["IcebergTableMetadata"]
    assert metadata["TableUuid"] == before["IcebergTableMetadata"]["TableUuid"]
    assert (metadata["CurrentSchemaId"], metadata["LastColumnId"], metadata["Properties"]) == (1, 7, {})
    assert after["StorageDescriptor"]["Location"] == f"{PLACE}-moved"
    assert [one["Name"] for one in after["StorageDescriptor"]["Columns"]] == ["c1", "c7"]
    assert after["Parameters"]["previous_metadata_location"] == before["Parameters"]["metadata_location"]


def test_what_is_no_type_and_no_iceberg_table_is_refused() -> None:
    world = with_table(new_world())
    with refused("InvalidInputException", "Invalid Iceberg type"):
        _iceberg(world, _field(1, "varchar"))
    asked: dict[str, Any] = {"UpdateIcebergInput": {"UpdateIcebergTableInput": {"Updates": []}}}
    with refused("InvalidInputException"):
        call(
            world,
            ROOT,
            "glue",
            "UpdateTable",
            DatabaseName="sales",
            Name="orders",
            UpdateOpenTableFormatInput=asked,
        )
    for given in ({}, {"OpenTableFormatInput": {"IcebergInput": {"MetadataOperation": "CREATE"}}}):
        with refused("InvalidInputException"):
            call(world, ROOT, "glue", "CreateTable", DatabaseName="sales", Name="x", **given)
