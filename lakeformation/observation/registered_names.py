"""What Glue holds under the names of registered tables, and how that differs from what was registered."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lakeformation.values.glue_columns import list_current_columns
from lakeformation.values.registered_tables import (
    MADE_HERE,
    REGISTRATION_PARAMETER,
    RegisteredColumn,
    RegisteredTable,
)
from lakeformation.values.table_storage import MOVING_PARAMETERS, Bucketing, TableStorage

TableName = tuple[str, str]
"""Database and name of a table."""


@dataclass(frozen=True)
class ObservedDatabase:
    """`is_ours`: the portal made it. `opens_new_tables`: a table that is made in it gets default permissions."""

    is_ours: bool
    opens_new_tables: bool

    @classmethod
    def from_glue(cls, row: Mapping[str, Any]) -> "ObservedDatabase":
        mark = (row.get("Parameters") or {}).get(REGISTRATION_PARAMETER)
        defaults = row.get("CreateTableDefaultPermissions") or []
        return cls(mark == MADE_HERE, any(one.get("Permissions") for one in defaults))


@dataclass(frozen=True)
class ObservedTable:
    """A table as Glue has it. `mark` says for which registration it was made; it is empty for any other table."""

    mark: str
    location: str
    columns: tuple[RegisteredColumn, ...]
    partition_keys: tuple[RegisteredColumn, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    serde: str = ""
    serde_parameters: Mapping[str, str] = field(default_factory=dict)
    bucketing: Bucketing | None = None

    @classmethod
    def from_glue(cls, row: Mapping[str, Any]) -> "ObservedTable":
        storage, parameters = row.get("StorageDescriptor") or {}, row.get("Parameters") or {}
        serde = storage.get("SerdeInfo") or {}
        return cls(
            str(parameters.get(REGISTRATION_PARAMETER, "")),
            str(storage.get("Location", "")),
            parse_glue_columns(storage.get("Columns") or []),
            parse_glue_columns(row.get("PartitionKeys") or []),
            parameters,
            str(serde.get("SerializationLibrary", "")),
            serde.get("Parameters") or {},
            Bucketing.from_glue(storage),
        )


@dataclass(frozen=True)
class ObservedNames:
    """What is there under the names that registrations use; a missing key is a thing that does not exist."""

    databases: Mapping[str, ObservedDatabase] = field(default_factory=dict)
    tables: Mapping[TableName, ObservedTable] = field(default_factory=dict)


def describe_differences(wanted: RegisteredTable, seen: ObservedTable) -> Iterator[str]:
    """Each difference as a phrase, in a fixed order."""
    if seen.location.rstrip("/") != wanted.location.rstrip("/"):
        yield f"its location is {seen.location or 'empty'}, not {wanted.location}"
    yield from _compare_columns("column", wanted.columns, seen.columns)
    yield from _compare_columns("partition key", wanted.partition_keys, seen.partition_keys)
    for name, text in wanted.parameters:
        if seen.parameters.get(name) != text:
            yield f"its parameter {name} is not {text}"
    if wanted.storage is not None:
        yield from _compare_storage(wanted.storage, seen)


def _compare_storage(wanted: TableStorage, seen: ObservedTable) -> Iterator[str]:
    if seen.serde != wanted.serde:
        yield f"its SerDe is {seen.serde or 'empty'}, not {wanted.serde}"
    for name, text in wanted.serde_parameters:
        if seen.serde_parameters.get(name) != text:
            yield f"its SerDe parameter {name} is not {text}"
    if wanted.bucketing is not None and seen.bucketing != wanted.bucketing:
        yield "it has other buckets"
    for name, text in wanted.parameters:
        if name.lower() not in MOVING_PARAMETERS and seen.parameters.get(name) != text:
            yield f"its parameter {name} is not {text}"


def awaits_update(wanted: RegisteredTable, seen: ObservedTable) -> bool:
    """Whether the table still has the columns that a schema update replaces, and is otherwise as registered."""
    before = replace(wanted, columns=wanted.replaces or ())
    return wanted.replaces is not None and not any(describe_differences(before, seen))


def _compare_columns(
    what: str, wanted: Iterable[RegisteredColumn], seen: Iterable[RegisteredColumn]
) -> Iterator[str]:
    expected, found = {one.name: one for one in wanted}, {one.name: one for one in seen}
    for name in sorted(expected.keys() - found.keys()):
        yield f"{what} {name} is not there"
    for name in sorted(found.keys() - expected.keys()):
        yield f"{what} {name} was not registered"
    for name in sorted(expected.keys() & found.keys()):
        if found[name].type != expected[name].type:
            yield f"{what} {name} is {found[name].type}, not {expected[name].type}"
        elif found[name].comment != expected[name].comment:
            yield f"{what} {name} has another comment"


def parse_glue_columns(rows: Iterable[Mapping[str, Any]]) -> tuple[RegisteredColumn, ...]:
    """The current columns, as Glue returns them."""
    return tuple(
        RegisteredColumn(str(row["Name"]), str(row.get("Type", "")), str(row.get("Comment", "")))
        for row in list_current_columns(rows)
    )
