"""Batches of partitions, entry by entry, and the indexes of a table."""

from datetime import timedelta
from typing import Any

import pytest

from mocklake.tests.glue.test_partitions import ORDERS, ROOT, days, partition
from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    ANALYST,
    call,
    grant,
    new_world,
    on_table,
    refused,
    with_table,
)
from mocklake.world import World


@pytest.fixture
def world() -> World:
    world = with_table(new_world())
    entries = [partition("2026-01-01"), partition("2026-01-02")]
    call(world, ROOT, "glue", "BatchCreatePartition", **ORDERS, PartitionInputList=entries)
    return world


def codes(answer: dict[str, Any]) -> list[str]:
    return [one["ErrorDetail"]["ErrorCode"] for one in answer["Errors"]]


def test_the_entries_of_a_batch_fail_one_by_one(world: World) -> None:
    entries = [
        partition("2026-01-02"),
        partition("2026-01-03"),
        {"Values": ["a", "b"]},
        partition("2026-01-03"),
    ]
    answer = call(world, ROOT, "glue", "BatchCreatePartition", **ORDERS, PartitionInputList=entries)
    assert codes(answer) == ["AlreadyExistsException", "InvalidInputException", "AlreadyExistsException"]
    assert [one["PartitionValues"] for one in answer["Errors"]] == [
        ["2026-01-02"],
        ["a", "b"],
        ["2026-01-03"],
    ]
    assert days(world) == ["2026-01-01", "2026-01-02", "2026-01-03"]


def test_a_batch_reads_what_is_there(world: World) -> None:
    keys = [{"Values": ["2026-01-02"]}, {"Values": ["2030-01-01"]}]
    answer = call(world, ROOT, "glue", "BatchGetPartition", **ORDERS, PartitionsToGet=keys)
    assert [one["Values"] for one in answer["Partitions"]] == [["2026-01-02"]]
    assert answer["UnprocessedKeys"] == []


def test_a_batch_updates_and_deletes(world: World) -> None:
    entries = [
        {"PartitionValueList": [day], "PartitionInput": partition("2026-05-05")}
        for day in ("2026-01-01", "2020-01-01")
    ]
    answer = call(world, ROOT, "glue", "BatchUpdatePartition", **ORDERS, Entries=entries)
    assert codes(answer) == ["EntityNotFoundException"]
    gone = [{"Values": ["2026-05-05"]}, {"Values": ["2020-01-01"]}]
    answer = call(world, ROOT, "glue", "BatchDeletePartition", **ORDERS, PartitionsToDelete=gone)
    assert codes(answer) == ["EntityNotFoundException"]
    assert days(world) == ["2026-01-02"]


def test_a_batch_longer_than_the_model_allows_is_refused_whole(world: World) -> None:
    gone = [{"Values": ["2026-01-01"]}] * 26
    with refused("ValidationException", "1 validation error detected"):
        call(world, ROOT, "glue", "BatchDeletePartition", **ORDERS, PartitionsToDelete=gone)
    assert days(world) == ["2026-01-01", "2026-01-02"]


def test_an_index_becomes_active_and_can_then_be_deleted(world: World) -> None:
    index = {"IndexName": "by_day", "Keys": ["day"]}
    call(world, ROOT, "glue", "CreatePartitionIndex", **ORDERS, PartitionIndex=index)
    (found,) = call(world, ROOT, "glue", "GetPartitionIndexes", **ORDERS)["PartitionIndexDescriptorList"]
    assert found == {
        "IndexName": "by_day",
        "Keys": [{"Name": "day", "Type": "date"}],
        "IndexStatus": "CREATING",
    }
    with refused("ConflictException"):
        call(world, ROOT, "glue", "DeletePartitionIndex", **ORDERS, IndexName="by_day")
    world.clock_offset += timedelta(seconds=2)
    (found,) = call(world, ROOT, "glue", "GetPartitionIndexes", **ORDERS)["PartitionIndexDescriptorList"]
    assert found["IndexStatus"] == "ACTIVE"
    call(world, ROOT, "glue", "DeletePartitionIndex", **ORDERS, IndexName="by_day")
    assert call(world, ROOT, "glue", "GetPartitionIndexes", **ORDERS)["PartitionIndexDescriptorList"] == []


def test_a_table_has_three_indexes_of_its_own_keys(world: World) -> None:
    def create(name: str, *keys: str) -> None:
        index = {"IndexName": name, "Keys": list(keys)}
        call(world, ROOT, "glue", "CreatePartitionIndex", **ORDERS, PartitionIndex=index)

    with refused("InvalidInputException"):
        create("wrong", "amount")
    for name in ("a", "b", "c"):
        create(name, "day")
    with refused("AlreadyExistsException"):
        create("a", "day")
    with refused("ResourceNumberLimitExceededException"):
        create("d", "day")
    with refused("EntityNotFoundException"):
        call(world, ROOT, "glue", "DeletePartitionIndex", **ORDERS, IndexName="d")


def test_an_index_needs_alter(world: World) -> None:
    grant(world, ADMIN, ANALYST.arn, on_table(), "DESCRIBE")
    index = {"IndexName": "by_day", "Keys": ["day"]}
    with refused(
        "AccessDeniedException", "Insufficient Lake Formation permission(s): Required Alter on orders"
    ):
        call(world, ANALYST, "glue", "CreatePartitionIndex", **ORDERS, PartitionIndex=index)
