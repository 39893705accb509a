"""Registered partitions: one at a time, and listed.

A data cells filter on the table cuts rows, not the list of partitions (assumed).
"""

import zlib
from collections.abc import Callable
from copy import copy
from typing import Any

from mocklake.errors import AwsError
from mocklake.glue.pages import page
from mocklake.glue.partition_expressions import parse
from mocklake.glue.partition_places import (
    Found,
    check_location,
    checked_values,
    existing,
    partitioning_to_change,
    table_to_change,
    table_to_read,
)
from mocklake.glue.partition_store import Partition
from mocklake.iam.callers import Caller
from mocklake.json_copies import copied
from mocklake.world import World

PAGE_LIMIT = 1000
ANSWERED = ("LastAccessTime", "StorageDescriptor", "Parameters", "LastAnalyzedTime")


def create_partition(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs ALTER or INSERT; AlreadyExistsException for values that are registered."""
    found = table_to_change(world, caller, params, "ALTER", "INSERT")
    add(world, caller, found, params["PartitionInput"])
    return {}


def get_partition(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs sight of the table; columns that the caller may not see are left out."""
    found = table_to_read(world, caller, params)
    return {"Partition": answer(found, existing(found, params["PartitionValues"]))}


def get_partitions(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """In the order of their values, at most 1,000 a page; Expression and Segment choose among them."""
    found = table_to_read(world, caller, params)
    chosen, registered = _chosen(found, params), found.partitioning.by_values
    one_page, more = page(
        world, caller, params, chosen, lambda values: registered[tuple(values)],
        listing="GetPartitions", most=PAGE_LIMIT,
    )  # fmt: skip
    without = params.get("ExcludeColumnSchema", False)
    return {"Partitions": [answer(found, one, without_columns=without) for one in one_page]} | more


def update_partition(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs ALTER; other values in the input move the partition."""
    found = table_to_change(world, caller, params, "ALTER")
    change(world, caller, found, params["PartitionValueList"], params["PartitionInput"])
    return {}


def delete_partition(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs ALTER or DELETE; objects stay."""
    found = table_to_change(world, caller, params, "ALTER", "DELETE")
    remove(found, params["PartitionValues"])
    return {}


def add(world: World, caller: Caller, found: Found, body: dict[str, Any]) -> None:
    values = checked_values(found, body.get("Values"))
    check_location(world, caller, found, body)
    partitioning = partitioning_to_change(found)
    if values in partitioning.by_values:
        raise AwsError("AlreadyExistsException", "Partition already exists.")
    partitioning.put(Partition(values, copied(body), world.now()))


def change(world: World, caller: Caller, found: Found, values: list[str], body: dict[str, Any]) -> None:
    old = existing(found, values)
    check_location(world, caller, found, body)
    new = checked_values(found, body.get("Values") or values)
    partitioning = found.partitioning
    if new != old.values and new in partitioning.by_values:
        raise AwsError("InvalidInputException", "A partition with the new values already exists.")
    if new != old.values:
        partitioning.drop(old.values)
    partitioning.put(Partition(new, copied(body), old.created_at, old.statistics))


def remove(found: Found, values: list[str]) -> None:
    found.partitioning.drop(existing(found, values).values)


def answer(found: Found, partition: Partition, *, without_columns: bool = False) -> dict[str, Any]:
    body = {name: copy(partition.body[name]) for name in ANSWERED if name in partition.body}
    storage = body.get("StorageDescriptor", {})
    if without_columns:
        storage.pop("Columns", None)
    elif "Columns" in storage:
        storage["Columns"] = [one for one in storage["Columns"] if one["Name"].lower() in found.columns]
    return body | {
        "Values": list(partition.values),
        "DatabaseName": found.place.database,
        "TableName": found.table.name,
        "CatalogId": found.place.catalog_id,
        "CreationTime": partition.created_at,
    }


def _chosen(found: Found, params: dict[str, Any]) -> list[list[str]]:
    expression, keys = params.get("Expression", "").strip(), list(found.key_types)
    in_segment = _segment(params.get("Segment"))
    passes = parse(expression, found.key_types) if expression else None
    if passes is None and "Segment" not in params:
        return found.partitioning.ordered
    return [
        values
        for values in found.partitioning.ordered
        if in_segment(values) and (passes is None or passes(dict(zip(keys, values, strict=False))))
    ]


def _segment(segment: dict[str, int] | None) -> Callable[[list[str]], bool]:
    """A partition always falls into the same segment of as many."""
    if segment is None:
        return lambda _: True
    number, total = segment["SegmentNumber"], segment["TotalSegments"]
    if not 0 <= number < total:
        raise AwsError("InvalidInputException", "SegmentNumber must be below TotalSegments.")
    return lambda values: zlib.crc32("\0".join(values).encode()) % total == number


HANDLERS = {
    "CreatePartition": create_partition,
    "DeletePartition": delete_partition,
    "GetPartition": get_partition,
    "GetPartitions": get_partitions,
    "UpdatePartition": update_partition,
}
