"""Registered partitions: one at a time, in batches and listed; and partition indexes.

A data cells filter on the table cuts rows, not the list of partitions (assumed).

Reading follows database and table links to the table; what is changed is named where it really is (assumed).
Seeing a partition needs what seeing its table needs (field reports: GetPartitions is refused with "Required
Describe"). Which verb a change needs is a switch: ALTER always suffices, and INSERT may to add, DELETE to remove.

Source: AWS Glue Developer Guide, partition-indexes (three a table; keys of the table, none twice). A change needs
ALTER (assumed); an index that is being made cannot be deleted yet (assumed).
"""

import zlib
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mocklake.errors import AwsError
from mocklake.glue.access import (
    Target,
    build_viewer,
    find_database_place,
    find_visible_table,
    get_catalog,
    resolve,
)
from mocklake.glue.pages import page
from mocklake.glue.partition_expressions import parse
from mocklake.glue.store import Index, Partition, Partitioning, Table, Values
from mocklake.iam.callers import Caller
from mocklake.json_copies import copied
from mocklake.lakeformation.authority import insufficient, may
from mocklake.lakeformation.data_locations import require_location
from mocklake.lakeformation.resources import table_resource
from mocklake.world import World

PAGE_LIMIT = 1000
ANSWERED = ("LastAccessTime", "StorageDescriptor", "Parameters", "LastAnalyzedTime")
MOST = 3


def create_partition(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs ALTER or INSERT; AlreadyExistsException for values that are registered."""
    table = find_table_to_change(world, caller, params, "ALTER", "INSERT")
    add_partition(world, caller, table, params["PartitionInput"])
    return {}


def get_partition(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs sight of the table; columns that the caller may not see are left out."""
    table = find_table_to_read(world, caller, params)
    return {"Partition": describe_partition(table, get_existing_partition(table, params["PartitionValues"]))}


def get_partitions(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """In the order of their values, at most 1,000 a page; Expression and Segment choose among them."""
    table = find_table_to_read(world, caller, params)
    chosen, registered = _select_partitions(table, params), table.partitioning.by_values
    one_page, more = page(
        world, caller, params, chosen, lambda values: registered[tuple(values)],
        listing="GetPartitions", most=PAGE_LIMIT,
    )  # fmt: skip
    without = params.get("ExcludeColumnSchema", False)
    return {
        "Partitions": [describe_partition(table, one, without_columns=without) for one in one_page]
    } | more


def update_partition(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs ALTER; other values in the input move the partition."""
    table = find_table_to_change(world, caller, params, "ALTER")
    change_partition(world, caller, table, params["PartitionValueList"], params["PartitionInput"])
    return {}


def delete_partition(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs ALTER or DELETE; objects stay."""
    table = find_table_to_change(world, caller, params, "ALTER", "DELETE")
    remove_partition(table, params["PartitionValues"])
    return {}


@dataclass(frozen=True)
class Found:
    """A table, the columns of it that the caller may see, and where it is."""

    place: Target
    table: Table
    columns: tuple[str, ...]

    @property
    def partitioning(self) -> Partitioning:
        return self.table.partitioning or Partitioning()

    @property
    def key_types(self) -> dict[str, str]:
        keys = self.table.body.get("PartitionKeys", [])
        return {key["Name"].lower(): key.get("Type", "string") for key in keys}


def add_partition(world: World, caller: Caller, found: Found, body: dict[str, Any]) -> None:
    values = check_values(found, body.get("Values"))
    check_location(world, caller, found, body)
    partitioning = find_partitioning_to_change(found)
    if values in partitioning.by_values:
        raise AwsError("AlreadyExistsException", "Partition already exists.")
    partitioning.put(Partition(values, copied(body), world.now()))


def change_partition(
    world: World, caller: Caller, found: Found, values: list[str], body: dict[str, Any]
) -> None:
    old = get_existing_partition(found, values)
    check_location(world, caller, found, body)
    new = check_values(found, body.get("Values") or values)
    partitioning = found.partitioning
    if new != old.values and new in partitioning.by_values:
        raise AwsError("InvalidInputException", "A partition with the new values already exists.")
    if new != old.values:
        partitioning.drop(old.values)
    partitioning.put(Partition(new, copied(body), old.created_at, old.statistics))


def remove_partition(found: Found, values: list[str]) -> None:
    found.partitioning.drop(get_existing_partition(found, values).values)


def describe_partition(
    found: Found, partition: Partition, *, without_columns: bool = False
) -> dict[str, Any]:
    body = {name: copy(partition.body[name]) for name in ANSWERED if name in partition.body}
    storage = body.get("StorageDescriptor", {})
    if without_columns:
        storage.pop("Columns", None)
    elif "Columns" in storage:
        storage["Columns"] = [
            column for column in storage["Columns"] if column["Name"].lower() in found.columns
        ]
    return body | {
        "Values": list(partition.values),
        "DatabaseName": found.place.database,
        "TableName": found.table.name,
        "CatalogId": found.place.catalog_id,
        "CreationTime": partition.created_at,
    }


def _select_partitions(found: Found, params: dict[str, Any]) -> list[list[str]]:
    expression, keys = params.get("Expression", "").strip(), list(found.key_types)
    in_segment = _build_segment_filter(params.get("Segment"))
    passes = parse(expression, found.key_types) if expression else None
    if passes is None and "Segment" not in params:
        return found.partitioning.ordered
    return [
        values
        for values in found.partitioning.ordered
        if in_segment(values) and (passes is None or passes(dict(zip(keys, values, strict=False))))
    ]


def _build_segment_filter(segment: dict[str, int] | None) -> Callable[[list[str]], bool]:
    """A partition always falls into the same segment of as many."""
    if segment is None:
        return lambda _: True
    number, total = segment["SegmentNumber"], segment["TotalSegments"]
    if not 0 <= number < total:
        raise AwsError("InvalidInputException", "SegmentNumber must be below TotalSegments.")
    return lambda values: zlib.crc32("\0".join(values).encode()) % total == number


def batch_create_partition(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs ALTER or INSERT; at most 100 entries."""
    table = find_table_to_change(world, caller, params, "ALTER", "INSERT")
    failed = _do_each(params["PartitionInputList"], lambda entry: add_partition(world, caller, table, entry))
    return {"Errors": [{"PartitionValues": one.get("Values", [])} | why for one, why in failed]}


def batch_get_partition(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs sight of the table; at most 1,000 entries. What is not registered is left out (assumed)."""
    table = find_table_to_read(world, caller, params)
    keys = [check_values(table, entry["Values"]) for entry in params["PartitionsToGet"]]
    known = [table.partitioning.by_values[key] for key in keys if key in table.partitioning.by_values]
    return {"Partitions": [describe_partition(table, one) for one in known], "UnprocessedKeys": []}


def batch_update_partition(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs ALTER; at most 100 entries."""
    table = find_table_to_change(world, caller, params, "ALTER")
    failed = _do_each(
        params["Entries"],
        lambda entry: change_partition(
            world, caller, table, entry["PartitionValueList"], entry["PartitionInput"]
        ),
    )
    return {"Errors": [{"PartitionValueList": one["PartitionValueList"]} | why for one, why in failed]}


def batch_delete_partition(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Needs ALTER or DELETE; at most 25 entries."""
    table = find_table_to_change(world, caller, params, "ALTER", "DELETE")
    failed = _do_each(params["PartitionsToDelete"], lambda entry: remove_partition(table, entry["Values"]))
    return {"Errors": [{"PartitionValues": one["Values"]} | why for one, why in failed]}


def _do_each(
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


def find_table_to_read(world: World, caller: Caller, params: dict[str, Any]) -> Found:
    """EntityNotFoundException, or AccessDeniedException without sight of the table."""
    place = find_database_place(world, caller, get_catalog(caller, params), params["DatabaseName"])
    table, columns = find_visible_table(world, caller, place, params["TableName"])
    if table.link is not None:
        place = resolve(world, place.catalog_id, place.region, place.database, table.name)
        table, columns = find_visible_table(world, caller, place, place.table or "")
    return Found(replace(place, table=table.name), table, columns)


def find_table_to_change(world: World, caller: Caller, params: dict[str, Any], *verbs: str) -> Found:
    """AccessDeniedException unless one of the verbs is held; the first is the one that is named."""
    named_table = _find_named_table(world, caller, params, verbs[0])
    asked = (get_catalog(caller, params), params["DatabaseName"].lower(), params["TableName"].lower())
    if asked != (named_table.place.catalog_id, named_table.place.database, named_table.table.name):
        raise AwsError("InvalidInputException", f"{params['TableName']} is reached by a resource link.")
    resource = table_resource(
        named_table.place.catalog_id, named_table.place.database, named_table.table.name
    )
    viewer = build_viewer(caller, named_table.place.region)
    sufficient = verbs[:1] if world.switches.alter_alone_changes_partitions else verbs
    if not any(may(world, viewer, verb, resource) for verb in sufficient):
        raise insufficient(verbs[0].title(), named_table.table.name)
    return named_table


def _find_named_table(world: World, caller: Caller, params: dict[str, Any], verb: str) -> Found:
    """Without sight of the table the refusal names the verb, not DESCRIBE."""
    try:
        return find_table_to_read(world, caller, params)
    except AwsError as refusal:
        if refusal.code != "AccessDeniedException":
            raise
        raise insufficient(verb.title(), params["TableName"]) from refusal


def find_partitioning_to_change(found: Found) -> Partitioning:
    if found.table.partitioning is None:
        found.table.partitioning = Partitioning()
    return found.table.partitioning


def check_values(found: Found, values: list[str] | None) -> Values:
    """InvalidInputException unless there is one value, not empty, for each partition key."""
    if len(values or ()) != len(found.key_types):
        text = "The number of partition keys do not match the number of partition values"
        raise AwsError("InvalidInputException", text)
    if not all(values or ()):
        raise AwsError("InvalidInputException", "Partition values must not be empty.")
    return tuple(values or ())


def check_location(world: World, caller: Caller, found: Found, body: dict[str, Any]) -> None:
    """AccessDeniedException for a registered place outside the table's that is not the caller's to use (assumed, as
    for tables: else whoever may alter a table could read through it what lies elsewhere).
    """
    location = str(body.get("StorageDescriptor", {}).get("Location", ""))
    own = found.table.location.rstrip("/") + "/"
    if not (location.rstrip("/") + "/").startswith(own) or own == "/":
        viewer, place = build_viewer(caller, found.place.region), found.place
        require_location(
            world, viewer, catalog_id=place.catalog_id, location=location, database=place.database
        )


def get_existing_partition(found: Found, values: list[str]) -> Partition:
    """EntityNotFoundException for values under which nothing is registered."""
    partition = found.partitioning.by_values.get(check_values(found, values))
    if partition is None:
        raise AwsError("EntityNotFoundException", "Cannot find partition.")
    return partition


def create_partition_index(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """CREATING for a second of mocklake's clock, then ACTIVE."""
    table = find_table_to_change(world, caller, params, "ALTER")
    add_index(
        find_partitioning_to_change(table).indexes,
        set(table.key_types),
        params["PartitionIndex"],
        world.now(),
    )
    return {}


def add_index(indexes: dict[str, Index], known: set[str], asked: dict[str, Any], now: datetime) -> None:
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
    table = find_table_to_read(world, caller, params)
    indexes = table.partitioning.indexes
    one_page, more = page(world, caller, params, sorted(indexes), indexes.get, listing="GetPartitionIndexes")
    return {
        "PartitionIndexDescriptorList": [_describe_index(world, table, index) for index in one_page]
    } | more


def delete_partition_index(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """EntityNotFoundException for a name that the table has not."""
    table = find_table_to_change(world, caller, params, "ALTER")
    indexes, name = table.partitioning.indexes, params["IndexName"]
    if name not in indexes:
        raise AwsError("EntityNotFoundException", f"Index {name} not found.")
    if indexes[name].status(world.now()) == "CREATING":
        raise AwsError("ConflictException", f"Index {name} is being created.")
    del indexes[name]
    return {}


def _describe_index(world: World, found: Found, index: Index) -> dict[str, Any]:
    return {
        "IndexName": index.name,
        "Keys": [{"Name": key, "Type": found.key_types.get(key, "string")} for key in index.keys],
        "IndexStatus": index.status(world.now()),
    }


HANDLERS = {
    "CreatePartition": create_partition,
    "DeletePartition": delete_partition,
    "GetPartition": get_partition,
    "GetPartitions": get_partitions,
    "UpdatePartition": update_partition,
    "BatchCreatePartition": batch_create_partition,
    "BatchDeletePartition": batch_delete_partition,
    "BatchGetPartition": batch_get_partition,
    "BatchUpdatePartition": batch_update_partition,
    "CreatePartitionIndex": create_partition_index,
    "DeletePartitionIndex": delete_partition_index,
    "GetPartitionIndexes": get_partition_indexes,
}
