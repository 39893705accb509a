"""Partitions in batches: each entry stands alone, and what fails is told entry by entry."""

from collections.abc import Callable
from typing import Any

from mocklake.errors import AwsError
from mocklake.glue import partitions
from mocklake.glue.partition_places import checked_values, table_to_change, table_to_read
from mocklake.iam.callers import Caller
from mocklake.world import World


def batch_create_partition(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs ALTER or INSERT; at most 100 entries."""
    found = table_to_change(world, caller, params, "ALTER", "INSERT")
    failed = _each(params["PartitionInputList"], lambda entry: partitions.add(world, caller, found, entry))
    return {"Errors": [{"PartitionValues": one.get("Values", [])} | why for one, why in failed]}


def batch_get_partition(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs sight of the table; at most 1,000 entries. What is not registered is left out (assumed)."""
    found = table_to_read(world, caller, params)
    keys = [checked_values(found, entry["Values"]) for entry in params["PartitionsToGet"]]
    known = [found.partitioning.by_values[key] for key in keys if key in found.partitioning.by_values]
    return {"Partitions": [partitions.answer(found, one) for one in known], "UnprocessedKeys": []}


def batch_update_partition(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs ALTER; at most 100 entries."""
    found = table_to_change(world, caller, params, "ALTER")
    failed = _each(
        params["Entries"],
        lambda entry: partitions.change(
            world, caller, found, entry["PartitionValueList"], entry["PartitionInput"]
        ),
    )
    return {"Errors": [{"PartitionValueList": one["PartitionValueList"]} | why for one, why in failed]}


def batch_delete_partition(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs ALTER or DELETE; at most 25 entries."""
    found = table_to_change(world, caller, params, "ALTER", "DELETE")
    failed = _each(params["PartitionsToDelete"], lambda entry: partitions.remove(found, entry["Values"]))
    return {"Errors": [{"PartitionValues": one["Values"]} | why for one, why in failed]}


def _each(
    entries: list[dict[str, Any]], apply: Callable[[dict[str, Any]], None]
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The entries that failed, each with its ErrorDetail."""
    failed = []
    for entry in entries:
        try:
            apply(entry)
        except AwsError as error:
            detail = {"ErrorCode": error.code, "ErrorMessage": error.message}
            failed.append((entry, {"ErrorDetail": detail}))
    return failed


HANDLERS = {
    "BatchCreatePartition": batch_create_partition,
    "BatchDeletePartition": batch_delete_partition,
    "BatchGetPartition": batch_get_partition,
    "BatchUpdatePartition": batch_update_partition,
}
