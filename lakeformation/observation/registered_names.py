"""What Glue holds under the names of registered tables, and how that differs from what was registered."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lakeformation.values.registered_tables import (
    FOLLOWED_PARAMETERS,
    MADE_HERE,
    REGISTRATION_PARAMETER,
    Bucketing,
    RegisteredColumn,
    RegisteredTable,
    TableStorage,
    list_current_columns,
)

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
        return cls(mark == MADE_HERE, any(default.get("Permissions") for default in defaults))


@dataclass(frozen=True)
class ObservedTable:
    """A table as Glue has it. `mark` says for which registration it was made; it is empty for any other table. `formats` are those
    of input and output.
    """

    mark: str
    location: str
    columns: tuple[RegisteredColumn, ...]
    partition_keys: tuple[RegisteredColumn, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    serde: str = ""
    serde_parameters: Mapping[str, str] = field(default_factory=dict)
    bucketing: Bucketing | None = None
    formats: tuple[str, str] = ("", "")
    is_compressed: bool = False

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
            (str(storage.get("InputFormat", "")), str(storage.get("OutputFormat", ""))),
            bool(storage.get("Compressed")),
        )


@dataclass(frozen=True)
class ObservedNames:
    """What is there under the names that registrations use; a missing key is a thing that does not exist."""

    databases: Mapping[str, ObservedDatabase] = field(default_factory=dict)
    tables: Mapping[TableName, ObservedTable] = field(default_factory=dict)


def describe_differences(wanted: RegisteredTable, table: ObservedTable) -> Iterator[str]:
    """Each difference as a phrase, in a fixed order."""
    if table.location.rstrip("/") != wanted.location.rstrip("/"):
        yield f"its location is {table.location or 'empty'}, not {wanted.location}"
    yield from _compare_columns("column", wanted.columns, table.columns)
    yield from _compare_columns("partition key", wanted.partition_keys, table.partition_keys)
    for name, text in wanted.parameters:
        if table.parameters.get(name) != text:
            yield f"its parameter {name} is not {text}"
    if wanted.storage is not None:
        yield from _compare_storage(wanted.storage, table)
    if wanted.storage is not None and wanted.replaces_storage is not None:
        yield from _list_leftovers(wanted.replaces_storage, wanted.storage, table)


def _compare_storage(wanted: TableStorage, table: ObservedTable) -> Iterator[str]:
    if table.serde != wanted.serde:
        yield f"its SerDe is {table.serde or 'empty'}, not {wanted.serde}"
    if table.formats != (wanted.input_format, wanted.output_format):
        yield "its input or output format is another one"
    for name, text in wanted.serde_parameters:
        if table.serde_parameters.get(name) != text:
            yield f"its SerDe parameter {name} is not {text}"
    if wanted.bucketing is not None and table.bucketing != wanted.bucketing:
        yield "it has other buckets"
    if table.is_compressed != wanted.is_compressed:
        yield f"its files are {'' if table.is_compressed else 'not '}said to be compressed"
    for name, text in wanted.lasting.parameters:
        if table.parameters.get(name) != text:
            yield f"its parameter {name} is not {text}"


def _list_leftovers(before: TableStorage, after: TableStorage, table: ObservedTable) -> Iterator[str]:
    """What an update drops and the table still has."""
    for name in sorted({name for name, _ in before.parameters} - {name for name, _ in after.parameters}):
        if name in table.parameters:
            yield f"it still has the parameter {name}"
    serde = {name for name, _ in before.serde_parameters} - {name for name, _ in after.serde_parameters}
    for name in sorted(serde & table.serde_parameters.keys()):
        yield f"it still has the SerDe parameter {name}"
    if before.bucketing is not None and after.bucketing is None and table.bucketing is not None:
        yield "it still has buckets"


def describe_moves(wanted: RegisteredTable, table: ObservedTable) -> Iterator[str]:
    """What stands in the way of an update by which the table follows its Iceberg source: it is at another version than before
    the update and after it, so somebody has written to it in this catalog.
    """
    if wanted.storage is None or wanted.replaces_storage is None:
        return
    target = wanted.storage.followed
    if target != wanted.replaces_storage.followed and target != _get_followed(table):
        yield "its metadata_location was changed in this catalog, so it no longer follows its source"


def _get_followed(table: ObservedTable) -> dict[str, str]:
    lower = ((name.lower(), text) for name, text in table.parameters.items())
    return {name: text for name, text in lower if name in FOLLOWED_PARAMETERS}


def awaits_update(wanted: RegisteredTable, table: ObservedTable) -> bool:
    """Whether the table still has the columns and the storage that a schema update replaces, and is otherwise as registered."""
    if wanted.replaces is None or _is_updated(wanted, table):
        return False
    storage = wanted.replaces_storage
    if storage is not None and storage.followed != _get_followed(table):
        return False
    before = replace(
        wanted, columns=wanted.replaces, storage=storage or wanted.storage, replaces_storage=None
    )
    return not any(describe_differences(before, table))


def _is_updated(wanted: RegisteredTable, table: ObservedTable) -> bool:
    """Whether nothing is left to update, not even the order of columns."""
    has_followed = wanted.storage is None or wanted.storage.followed == _get_followed(table)
    is_in_order = [column.name for column in wanted.columns] == [column.name for column in table.columns]
    return is_in_order and has_followed and not any(describe_differences(wanted, table))


def _compare_columns(
    what: str, wanted: Iterable[RegisteredColumn], columns: Iterable[RegisteredColumn]
) -> Iterator[str]:
    expected, found = {column.name: column for column in wanted}, {column.name: column for column in columns}
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
