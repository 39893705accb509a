"""Registered partitions: making, reading, changing and removing them, and who may."""

from typing import Any

import pytest

from mocklake.iam.callers import Caller
from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    ANALYST,
    CONSUMER,
    GUEST,
    PRODUCER,
    RECEIVER,
    REGION,
    accept,
    call,
    caller,
    grant,
    lf,
    make_filter,
    new_world,
    on_columns,
    on_database,
    on_filter,
    on_table,
    refused,
    with_table,
)
from mocklake.world import World

ROOT = caller(PRODUCER)
ORDERS = {"DatabaseName": "sales", "TableName": "orders"}
COLUMNS = [{"Name": "id", "Type": "string"}, {"Name": "email", "Type": "string"}]


def partition(day: str) -> dict[str, Any]:
    location = f"s3://producer-lake/sales/orders/day={day}/"
    return {"Values": [day], "StorageDescriptor": {"Columns": COLUMNS, "Location": location}}


@pytest.fixture
def world() -> World:
    world = with_table(new_world())
    for day in ("2026-01-02", "2026-01-01"):
        call(world, ROOT, "glue", "CreatePartition", **ORDERS, PartitionInput=partition(day))
    return world


def days(world: World, who: Caller = ROOT, **params: Any) -> list[str]:
    found = call(world, who, "glue", "GetPartitions", **ORDERS, **params)["Partitions"]
    return [one["Values"][0] for one in found]


def test_a_partition_is_answered_as_made_with_what_glue_adds(world: World) -> None:
    found = call(world, ROOT, "glue", "GetPartition", **ORDERS, PartitionValues=["2026-01-01"])["Partition"]
    assert found == partition("2026-01-01") | {
        "DatabaseName": "sales",
        "TableName": "orders",
        "CatalogId": PRODUCER,
        "CreationTime": found["CreationTime"],
    }


def test_partitions_come_in_the_order_of_their_values_and_by_pages(world: World) -> None:
    assert days(world) == ["2026-01-01", "2026-01-02"]
    first = call(world, ROOT, "glue", "GetPartitions", **ORDERS, MaxResults=1)
    assert days(world, NextToken=first["NextToken"]) == ["2026-01-02"]
    with refused("InvalidInputException"):
        days(world, NextToken="never written")


def test_a_partition_without_its_columns(world: World) -> None:
    found = call(world, ROOT, "glue", "GetPartitions", **ORDERS, ExcludeColumnSchema=True)["Partitions"]
    assert {tuple(one["StorageDescriptor"]) for one in found} == {("Location",)}
    assert days(world) == ["2026-01-01", "2026-01-02"]


def test_segments_cut_the_partitions_into_parts_without_overlap(world: World) -> None:
    for number in range(3, 29):
        body = partition(f"2026-01-{number:02}")
        call(world, ROOT, "glue", "CreatePartition", **ORDERS, PartitionInput=body)
    parts = [days(world, Segment={"SegmentNumber": n, "TotalSegments": 3}) for n in range(3)]
    assert sorted(day for part in parts for day in part) == days(world)
    assert all(parts)
    with refused("InvalidInputException"):
        days(world, Segment={"SegmentNumber": 3, "TotalSegments": 3})


@pytest.mark.parametrize("values", [[], ["2026-01-01", "x"]])
def test_values_must_fit_the_keys(world: World, values: list[str]) -> None:
    with refused("InvalidInputException"):
        call(world, ROOT, "glue", "CreatePartition", **ORDERS, PartitionInput={"Values": values})


def test_what_is_registered_is_not_registered_again_and_what_is_not_is_not_found(world: World) -> None:
    with refused("AlreadyExistsException", "Partition already exists."):
        call(world, ROOT, "glue", "CreatePartition", **ORDERS, PartitionInput=partition("2026-01-01"))
    for operation in ("GetPartition", "DeletePartition"):
        with refused("EntityNotFoundException", "Cannot find partition."):
            call(world, ROOT, "glue", operation, **ORDERS, PartitionValues=["2027-01-01"])


def test_an_update_may_move_a_partition_but_not_onto_another(world: World) -> None:
    ask = ORDERS | {"PartitionValueList": ["2026-01-01"]}
    with refused("InvalidInputException"):
        call(world, ROOT, "glue", "UpdatePartition", **ask, PartitionInput=partition("2026-01-02"))
    call(world, ROOT, "glue", "UpdatePartition", **ask, PartitionInput=partition("2025-12-31"))
    assert days(world) == ["2025-12-31", "2026-01-02"]


def test_a_recreated_table_has_no_partitions(world: World) -> None:
    call(world, ROOT, "glue", "DeleteTable", DatabaseName="sales", Name="orders")
    with_table(world)
    assert days(world) == []


def test_seeing_the_table_shows_its_partitions_with_the_granted_columns(world: World) -> None:
    with refused(
        "AccessDeniedException", "Insufficient Lake Formation permission(s): Required Describe on orders"
    ):
        days(world, ANALYST)
    grant(world, ADMIN, ANALYST.arn, on_columns("id"), "SELECT")
    (first, _) = call(world, ANALYST, "glue", "GetPartitions", **ORDERS)["Partitions"]
    assert [one["Name"] for one in first["StorageDescriptor"]["Columns"]] == ["id"]


def test_a_data_cells_filter_does_not_hide_partitions(world: World) -> None:
    make_filter(world, ADMIN, "swiss", "country = 'CH'")
    grant(world, ADMIN, ANALYST.arn, on_filter("swiss"), "SELECT")
    assert days(world, ANALYST) == ["2026-01-01", "2026-01-02"]


@pytest.mark.parametrize(
    ("verb", "allowed"),
    [
        ("ALTER", {"CreatePartition", "UpdatePartition", "DeletePartition"}),
        ("INSERT", {"CreatePartition"}),
        ("DELETE", {"DeletePartition"}),
        ("SELECT", set()),
    ],
)
def test_changing_partitions_needs_the_verb(world: World, verb: str, allowed: set[str]) -> None:
    grant(world, ADMIN, ANALYST.arn, on_table(), verb, "DESCRIBE")
    asked: dict[str, dict[str, Any]] = {
        "CreatePartition": {"PartitionInput": partition("2026-02-01")},
        "UpdatePartition": {"PartitionValueList": ["2026-01-01"], "PartitionInput": partition("2026-01-01")},
        "DeletePartition": {"PartitionValues": ["2026-01-01"]},
    }
    for operation, params in asked.items():
        if operation in allowed:
            call(world, ANALYST, "glue", operation, **ORDERS, **params)
        else:
            with refused("AccessDeniedException"):
                call(world, ANALYST, "glue", operation, **ORDERS, **params)


def test_altering_may_be_the_only_way_to_add_and_remove_partitions(world: World) -> None:
    world.switches.alter_alone_changes_partitions = True
    grant(world, ADMIN, ANALYST.arn, on_table(), "INSERT", "DELETE", "DESCRIBE")
    with refused(
        "AccessDeniedException", "Insufficient Lake Formation permission(s): Required Alter on orders"
    ):
        call(world, ANALYST, "glue", "CreatePartition", **ORDERS, PartitionInput=partition("2026-02-01"))
    with refused(
        "AccessDeniedException", "Insufficient Lake Formation permission(s): Required Alter on orders"
    ):
        call(world, ANALYST, "glue", "BatchDeletePartition", **ORDERS, PartitionsToDelete=[{"Values": ["x"]}])


def test_across_accounts_partitions_are_read_through_a_link(world: World) -> None:
    grant(world, ADMIN, GUEST.arn, on_database(), "DESCRIBE")
    grant(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    accept(world)
    target = {"CatalogId": PRODUCER, "DatabaseName": "sales", "Region": REGION}
    body = {"Name": "linked", "TargetDatabase": target}
    call(world, caller(CONSUMER), "glue", "CreateDatabase", DatabaseInput=body)
    grant(world, RECEIVER, GUEST.arn, on_database("linked", CONSUMER), "DESCRIBE")
    ask = {"DatabaseName": "linked", "TableName": "orders"}
    assert len(call(world, GUEST, "glue", "GetPartitions", **ask)["Partitions"]) == 2
    with refused("InvalidInputException"):
        call(world, GUEST, "glue", "DeletePartition", **ask, PartitionValues=["2026-01-01"])


def test_a_partition_elsewhere_in_a_registered_location_needs_that_location(world: World) -> None:
    where = {"ResourceArn": "arn:aws:s3:::producer-lake", "RoleArn": f"arn:aws:iam::{PRODUCER}:role/LakeData"}
    lf(world, ROOT, "RegisterResource", **where)
    grant(world, ADMIN, ANALYST.arn, on_table(), "ALTER", "DESCRIBE")
    call(world, ANALYST, "glue", "CreatePartition", **ORDERS, PartitionInput=partition("2026-03-01"))
    body = {"Values": ["2026-03-02"], "StorageDescriptor": {"Location": "s3://producer-lake/secret/"}}
    with refused(
        "AccessDeniedException", "Insufficient Lake Formation permission(s): Required Data_Location"
    ):
        call(world, ANALYST, "glue", "CreatePartition", **ORDERS, PartitionInput=body)
    location = {"DataLocation": {"CatalogId": PRODUCER, "ResourceArn": "arn:aws:s3:::producer-lake"}}
    grant(world, ADMIN, ANALYST.arn, location, "DATA_LOCATION_ACCESS")
    call(world, ANALYST, "glue", "CreatePartition", **ORDERS, PartitionInput=body)
