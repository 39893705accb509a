"""The files of an Iceberg table that a snapshot has, and no others of its location."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from mocklake.athena.failures import QueryFailedError
from mocklake.athena.iceberg import metadata, metadata_tables
from mocklake.athena.iceberg.metadata import Metadata
from mocklake.athena.iceberg.metadata_tables import Columns
from mocklake.athena.objects import File, Form
from mocklake.athena.s3_storage import Storage
from mocklake.glue.store import Table

AS_OF_TIME, AS_OF_VERSION = "as_of_time_", "as_of_version_"
ReaderOf = Callable[[str], str]


def is_read_by_metadata(table: Table) -> bool:
    """Tables that Glue itself made have no metadata file here."""
    parameters = table.body.get("Parameters", {})
    is_iceberg = str(parameters.get("table_type", "")).upper() == "ICEBERG"
    return is_iceberg and bool(parameters.get("metadata_location")) and not table.iceberg


def files_of(table: Table, reader_of: ReaderOf) -> tuple[File, ...]:
    """Raises QueryFailedError for what may not be read, or is not there."""
    place, found = opened(table, reader_of)
    return _files(place, found, metadata.current_snapshot(found))


def part_of(table: Table, reader_of: ReaderOf, part: str) -> tuple[Columns | None, tuple[File, ...]]:
    """What is behind `table$part`: the files of a snapshot, or columns of a metadata table with its rows."""
    place, found = opened(table, reader_of)
    if part.startswith(AS_OF_VERSION):
        version = part.removeprefix(AS_OF_VERSION)
        snapshot = metadata.snapshot_at(found, int(version) if version.isdigit() else version)
        return None, _files(place, found, snapshot)
    if part.startswith(AS_OF_TIME) and part.removeprefix(AS_OF_TIME).isdigit():
        moment = datetime.fromtimestamp(int(part.removeprefix(AS_OF_TIME)) / 1000, UTC)
        return None, _files(place, found, metadata.snapshot_before(found, moment))
    shown = metadata_tables.table_of(part, place, found)
    return shown.columns, (File(shown.content, form=Form("json")),)


def _files(place: Storage, found: Metadata, snapshot: Mapping[str, Any] | None) -> tuple[File, ...]:
    form = Form("parquet", fields=fields_of(metadata.schema_of(found)))
    files = []
    for one in metadata.files_of(place, snapshot):
        if one.content:
            raise QueryFailedError("NOT_SUPPORTED: mocklake reads no delete files of Iceberg tables")
        if one.format.upper() != "PARQUET":
            raise QueryFailedError(f"NOT_SUPPORTED: mocklake reads no {one.format} files of Iceberg tables")
        files.append(File(place.get(one.path), form=form))
    return tuple(files)


def opened(table: Table, reader_of: ReaderOf) -> tuple[Storage, dict[str, Any]]:
    location = table.location.rstrip("/") + "/"
    place = Storage(location, reader_of(Storage(location, "").arn))
    return place, metadata.read(place, table.body["Parameters"]["metadata_location"])


def fields_of(schema: Mapping[str, Any]) -> tuple[tuple[int, str], ...]:
    return tuple((one["id"], one["name"]) for one in schema["fields"])
