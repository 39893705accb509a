"""The events that Glue sends about its Data Catalog, in the owner's account and region.

Source: AWS Glue developer guide, "Automating AWS Glue with EventBridge": what is made or dropped is a state change
of the database, what is updated and every partition a state change of the table; names come up to 100 an event;
they may be missing, late or out of order. UpdateDatabase is not among them. Partitions are written as their
values in brackets, as events in the field show them.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from mocklake import catalog_ids
from mocklake.served_call import Happening

NAMES_AN_EVENT = 100
DATABASE_CHANGE = "Glue Data Catalog Database State Change"
TABLE_CHANGE = "Glue Data Catalog Table State Change"
Change = tuple[str, list[str], dict[str, Any]]
"""(detail-type, resources, detail)"""


def owner_of(happening: Happening) -> str:
    """The account of the catalog that the call was about."""
    return catalog_ids.owner_of(_catalog(happening))


def _catalog(happening: Happening) -> str:
    here = happening.caller.account if happening.caller else ""
    return catalog_ids.full_id(str(happening.parameters.get("CatalogId") or ""), here)


def changes_of(happening: Happening) -> Iterator[Change]:
    """What Glue tells about a call; nothing about reads, failures and what it has no event for."""
    if happening.service != "glue" or happening.failed:
        return
    place = partial(catalog_ids.arn, happening.region, _catalog(happening))
    if happening.operation in _OF_DATABASES:
        yield from _of_database(happening, place)
    elif happening.operation in _OF_TABLES:
        yield from _of_table(happening, place)


def _of_database(happening: Happening, place: Callable[..., str]) -> Iterator[Change]:
    asked = happening.parameters
    name = (
        asked.get("DatabaseName") or asked.get("Name") or asked.get("DatabaseInput", {}).get("Name", "")
    ).lower()
    tables = _OF_DATABASES[happening.operation](happening)
    detail = {"databaseName": name, "typeOfChange": happening.operation}
    if tables is None:
        yield DATABASE_CHANGE, [place("database", name)], detail | {"changedTables": []}
        return
    for some in _hundreds(tables):
        yield (
            DATABASE_CHANGE,
            [place("table", name, one) for one in some],
            detail | {"changedTables": some},
        )


def _of_table(happening: Happening, place: Callable[..., str]) -> Iterator[Change]:
    asked = happening.parameters
    database = asked["DatabaseName"].lower()
    table = (
        asked.get("TableName") or asked.get("Name") or asked.get("TableInput", {}).get("Name", "")
    ).lower()
    detail = {"databaseName": database, "typeOfChange": happening.operation, "tableName": table}
    resources = [place("table", database, table)]
    partitions = _OF_TABLES[happening.operation](happening)
    if partitions is None:
        yield TABLE_CHANGE, resources, detail | {"changedPartitions": []}
        return
    for some in _hundreds([f"[{', '.join(values)}]" for values in partitions]):
        yield TABLE_CHANGE, resources, detail | {"changedPartitions": some}


def _hundreds(listed: list[str]) -> Iterator[list[str]]:
    for begin in range(0, len(listed), NAMES_AN_EVENT):
        yield listed[begin : begin + NAMES_AN_EVENT]


def _nothing_listed(_happening: Happening) -> None:
    return None


def _made_table(happening: Happening) -> list[str]:
    """An Iceberg table may be made without a TableInput."""
    asked = happening.parameters
    return [str(asked.get("Name") or asked["TableInput"]["Name"]).lower()]


def _dropped_table(happening: Happening) -> list[str]:
    return [happening.parameters["Name"].lower()]


def _dropped_tables(happening: Happening) -> list[str]:
    failed = {error["TableName"].lower() for error in (happening.answer or {}).get("Errors", [])}
    return [name.lower() for name in happening.parameters["TablesToDelete"] if name.lower() not in failed]


def _one_partition(happening: Happening) -> list[list[str]]:
    asked = happening.parameters
    return [
        list(
            asked.get("PartitionValues")
            or asked.get("PartitionValueList")
            or asked["PartitionInput"]["Values"]
        )
    ]


def _of_batch(member: str, name: str) -> Callable[[Happening], list[list[str]]]:
    """The entries of a batch that did not fail."""

    def read(happening: Happening) -> list[list[str]]:
        errors = (happening.answer or {}).get("Errors", [])
        failed = [error.get("PartitionValues") or error.get("PartitionValueList") for error in errors]
        listed = [list(one.get(name, [])) for one in happening.parameters[member]]
        return [values for values in listed if values not in failed]

    return read


_OF_DATABASES: dict[str, Callable[[Happening], list[str] | None]] = {
    "CreateDatabase": _nothing_listed,
    "DeleteDatabase": _nothing_listed,
    "CreateTable": _made_table,
    "DeleteTable": _dropped_table,
    "BatchDeleteTable": _dropped_tables,
}
_OF_TABLES: dict[str, Callable[[Happening], list[list[str]] | None]] = {
    "UpdateTable": _nothing_listed,
    "CreatePartition": _one_partition,
    "UpdatePartition": _one_partition,
    "DeletePartition": _one_partition,
    "BatchCreatePartition": _of_batch("PartitionInputList", "Values"),
    "BatchUpdatePartition": _of_batch("Entries", "PartitionValueList"),
    "BatchDeletePartition": _of_batch("PartitionsToDelete", "Values"),
}
