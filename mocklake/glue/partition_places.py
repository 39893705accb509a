"""Where a call on partitions leads, and what it needs there.

Reading follows database and table links to the table; what is changed is named where it really is (assumed).
Seeing a partition needs what seeing its table needs (field reports: GetPartitions is refused with "Required
Describe"). Which verb a change needs is a switch: ALTER always suffices, and INSERT may to add, DELETE to remove.
"""

from dataclasses import dataclass, replace
from typing import Any

from mocklake.errors import AwsError
from mocklake.glue.access import catalog_of, database_place, seen_table, viewer_in
from mocklake.glue.links import Target, resolve
from mocklake.glue.partition_store import Partition, Partitioning, Values
from mocklake.glue.store import Table
from mocklake.iam.callers import Caller
from mocklake.lakeformation.authority import insufficient, may
from mocklake.lakeformation.data_locations import require_location
from mocklake.lakeformation.resources import table_resource
from mocklake.world import World


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


def table_to_read(world: World, caller: Caller, params: dict[str, Any]) -> Found:
    """EntityNotFoundException, or AccessDeniedException without sight of the table."""
    place = database_place(world, caller, catalog_of(caller, params), params["DatabaseName"])
    table, columns = seen_table(world, caller, place, params["TableName"])
    if table.link is not None:
        place = resolve(world, place.catalog_id, place.region, place.database, table.name)
        table, columns = seen_table(world, caller, place, place.table or "")
    return Found(replace(place, table=table.name), table, columns)


def table_to_change(world: World, caller: Caller, params: dict[str, Any], *verbs: str) -> Found:
    """AccessDeniedException unless one of the verbs is held; the first is the one that is named."""
    found = _named_for_change(world, caller, params, verbs[0])
    asked = (catalog_of(caller, params), params["DatabaseName"].lower(), params["TableName"].lower())
    if asked != (found.place.catalog_id, found.place.database, found.table.name):
        raise AwsError("InvalidInputException", f"{params['TableName']} is reached by a resource link.")
    resource = table_resource(found.place.catalog_id, found.place.database, found.table.name)
    viewer = viewer_in(caller, found.place.region)
    sufficient = verbs[:1] if world.switches.alter_alone_changes_partitions else verbs
    if not any(may(world, viewer, verb, resource) for verb in sufficient):
        raise insufficient(verbs[0].title(), found.table.name)
    return found


def _named_for_change(world: World, caller: Caller, params: dict[str, Any], verb: str) -> Found:
    """Without sight of the table the refusal names the verb, not DESCRIBE."""
    try:
        return table_to_read(world, caller, params)
    except AwsError as refusal:
        if refusal.code != "AccessDeniedException":
            raise
        raise insufficient(verb.title(), params["TableName"]) from refusal


def partitioning_to_change(found: Found) -> Partitioning:
    if found.table.partitioning is None:
        found.table.partitioning = Partitioning()
    return found.table.partitioning


def checked_values(found: Found, values: list[str] | None) -> Values:
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
        viewer, place = viewer_in(caller, found.place.region), found.place
        require_location(
            world, viewer, catalog_id=place.catalog_id, location=location, database=place.database
        )


def existing(found: Found, values: list[str]) -> Partition:
    """EntityNotFoundException for values under which nothing is registered."""
    partition = found.partitioning.by_values.get(checked_values(found, values))
    if partition is None:
        raise AwsError("EntityNotFoundException", "Cannot find partition.")
    return partition
