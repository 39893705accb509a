"""Column statistics of tables and partitions: typed data, errors for each column, and only what is seen."""

from datetime import UTC, datetime
from typing import Any

import pytest

from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    ANALYST,
    PRODUCER,
    call,
    caller,
    grant,
    new_world,
    on_columns,
    on_table,
    refused,
    table_input,
    with_table,
)
from mocklake.world import World

ROOT = caller(PRODUCER)
ORDERS: dict[str, Any] = {"DatabaseName": "sales", "TableName": "orders"}
MONDAY: dict[str, Any] = ORDERS | {"PartitionValues": ["2026-01-05"]}
NULLS = {"NumberOfNulls": 1, "NumberOfDistinctValues": 3}
TEXT = {"MaximumLength": 9, "AverageLength": 4.5, **NULLS}
DATA: dict[str, dict[str, Any]] = {
    "BOOLEAN": {"NumberOfTrues": 2, "NumberOfFalses": 1, "NumberOfNulls": 0},
    "DATE": {"MinimumValue": datetime(2026, 1, 1, tzinfo=UTC), **NULLS},
    "DECIMAL": {"MinimumValue": {"UnscaledValue": b"\x01", "Scale": 2}, **NULLS},
    "DOUBLE": {"MinimumValue": 0.5, "MaximumValue": 1.5, **NULLS},
    "LONG": {"MinimumValue": -1, "MaximumValue": 7, **NULLS},
    "STRING": TEXT,
    "BINARY": {"MaximumLength": 9, "AverageLength": 4.5, "NumberOfNulls": 0},
}


def statistics(column: str, kind: str = "STRING", **data: Any) -> dict[str, Any]:
    body = data or {f"{kind.title()}ColumnStatisticsData": DATA[kind]}
    moment = datetime(2026, 2, 1, tzinfo=UTC)
    typed = {"Type": kind} | body
    return {"ColumnName": column, "ColumnType": "string", "AnalyzedTime": moment, "StatisticsData": typed}


def errors(answer: dict[str, Any]) -> list[str]:
    return [one["Error"]["ErrorCode"] for one in answer["Errors"]]


@pytest.fixture
def world() -> World:
    world = with_table(new_world())
    body = {"Values": ["2026-01-05"]}
    call(world, ROOT, "glue", "CreatePartition", **ORDERS, PartitionInput=body)
    return world


def update(world: World, place: dict[str, Any], *entries: dict[str, Any]) -> dict[str, Any]:
    operation = f"UpdateColumnStatisticsFor{'Partition' if 'PartitionValues' in place else 'Table'}"
    return call(world, ROOT, "glue", operation, **place, ColumnStatisticsList=list(entries))


@pytest.mark.parametrize("kind", sorted(DATA))
def test_every_kind_of_data_is_read_back_as_it_was_put(world: World, kind: str) -> None:
    assert update(world, ORDERS, statistics("Amount", kind)) == {"Errors": []}
    answer = call(world, ROOT, "glue", "GetColumnStatisticsForTable", **ORDERS, ColumnNames=["amount"])
    assert answer == {"ColumnStatisticsList": [statistics("Amount", kind)], "Errors": []}


def test_a_partitions_statistics_are_its_own(world: World) -> None:
    update(world, MONDAY, statistics("id"))
    assert errors(call(world, ROOT, "glue", "GetColumnStatisticsForTable", **ORDERS, ColumnNames=["id"]))
    answer = call(world, ROOT, "glue", "GetColumnStatisticsForPartition", **MONDAY, ColumnNames=["id"])
    assert [one["ColumnName"] for one in answer["ColumnStatisticsList"]] == ["id"]
    with refused("EntityNotFoundException"):
        update(world, MONDAY | {"PartitionValues": ["2020-01-01"]}, statistics("id"))
    call(world, ROOT, "glue", "DeleteColumnStatisticsForPartition", **MONDAY, ColumnName="ID")
    with refused("EntityNotFoundException"):
        call(world, ROOT, "glue", "DeleteColumnStatisticsForPartition", **MONDAY, ColumnName="id")


def test_what_does_not_fit_is_told_column_by_column(world: World) -> None:
    wrong = statistics("id", "LONG", StringColumnStatisticsData=TEXT)
    answer = update(world, ORDERS, statistics("nothing"), statistics("email"), wrong)
    assert errors(answer) == ["EntityNotFoundException", "InvalidInputException"]
    names = ["email", "id", "nothing"]
    answer = call(world, ROOT, "glue", "GetColumnStatisticsForTable", **ORDERS, ColumnNames=names)
    assert [one["ColumnName"] for one in answer["ColumnStatisticsList"]] == ["email"]
    assert [one["ColumnName"] for one in answer["Errors"]] == ["id", "nothing"]


def test_only_granted_columns_and_partition_keys_are_shown(world: World) -> None:
    update(world, ORDERS, statistics("id"), statistics("email"), statistics("day", "DATE"))
    grant(world, ADMIN, ANALYST.arn, on_columns("id"), "SELECT")
    ask = ORDERS | {"ColumnNames": ["id", "email", "day"]}
    answer = call(world, ANALYST, "glue", "GetColumnStatisticsForTable", **ask)
    assert [one["ColumnName"] for one in answer["ColumnStatisticsList"]] == ["id", "day"]
    assert [one["ColumnName"] for one in answer["Errors"]] == ["email"]


def test_changing_statistics_needs_alter(world: World) -> None:
    grant(world, ADMIN, ANALYST.arn, on_table(), "DESCRIBE", "INSERT")
    entries = {"ColumnStatisticsList": [statistics("id")]}
    with refused("AccessDeniedException"):
        call(world, ANALYST, "glue", "UpdateColumnStatisticsForTable", **ORDERS, **entries)
    with refused("AccessDeniedException"):
        call(world, ANALYST, "glue", "DeleteColumnStatisticsForTable", **ORDERS, ColumnName="id")


def test_statistics_of_a_column_that_is_gone_are_not_shown(world: World) -> None:
    update(world, ORDERS, statistics("email"))
    body = table_input("orders")
    body["StorageDescriptor"]["Columns"] = body["StorageDescriptor"]["Columns"][:1]
    call(world, ROOT, "glue", "UpdateTable", DatabaseName="sales", TableInput=body)
    answer = call(world, ROOT, "glue", "GetColumnStatisticsForTable", **ORDERS, ColumnNames=["email"])
    assert errors(answer) == ["EntityNotFoundException"]
