"""Partition indexes: they are kept and shown; mocklake finds partitions as fast without them.

Source: AWS Glue Developer Guide, partition-indexes (three a table; keys of the table, none twice). A change needs
ALTER (assumed); an index that is being made cannot be deleted yet (assumed).
"""

from datetime import datetime
from typing import Any

from mocklake.errors import AwsError
from mocklake.glue.pages import page
from mocklake.glue.partition_places import Found, partitioning_to_change, table_to_change, table_to_read
from mocklake.glue.partition_store import Index
from mocklake.iam.callers import Caller
from mocklake.world import World

MOST = 3


def create_partition_index(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """CREATING for a second of mocklake's clock, then ACTIVE."""
    found = table_to_change(world, caller, params, "ALTER")
    add(partitioning_to_change(found).indexes, set(found.key_types), params["PartitionIndex"], world.now())
    return {}


def add(indexes: dict[str, Index], known: set[str], asked: dict[str, Any], now: datetime) -> None:
    """`known` are the table's partition keys."""
    keys = tuple(key.lower() for key in asked["Keys"])
    if asked["IndexName"] in indexes:
        raise AwsError("AlreadyExistsException", f"Index {asked['IndexName']} already exists.")
    if len(indexes) >= MOST:
        raise AwsError(
            "ResourceNumberLimitExceededException", f"A table has at most {MOST} partition indexes."
        )
    if not keys or len(set(keys)) < len(keys) or not set(keys) <= known:
        raise AwsError("InvalidInputException", "Index keys must be different partition keys of the table.")
    indexes[asked["IndexName"]] = Index(asked["IndexName"], keys, now)


def get_partition_indexes(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs sight of the table."""
    found = table_to_read(world, caller, params)
    indexes = found.partitioning.indexes
    one_page, more = page(world, caller, params, sorted(indexes), indexes.get, listing="GetPartitionIndexes")
    return {"PartitionIndexDescriptorList": [_answer(world, found, index) for index in one_page]} | more


def delete_partition_index(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """EntityNotFoundException for a name that the table has not."""
    found = table_to_change(world, caller, params, "ALTER")
    indexes, name = found.partitioning.indexes, params["IndexName"]
    if name not in indexes:
        raise AwsError("EntityNotFoundException", f"Index {name} not found.")
    if indexes[name].status(world.now()) == "CREATING":
        raise AwsError("ConflictException", f"Index {name} is being created.")
    del indexes[name]
    return {}


def _answer(world: World, found: Found, index: Index) -> dict[str, Any]:
    return {
        "IndexName": index.name,
        "Keys": [{"Name": key, "Type": found.key_types.get(key, "string")} for key in index.keys],
        "IndexStatus": index.status(world.now()),
    }


HANDLERS = {
    "CreatePartitionIndex": create_partition_index,
    "DeletePartitionIndex": delete_partition_index,
    "GetPartitionIndexes": get_partition_indexes,
}
