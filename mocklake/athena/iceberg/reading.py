"""The files of an Iceberg table that a snapshot has, and no others of its location."""

from collections.abc import Callable, Mapping
from typing import Any

from mocklake.athena.failures import QueryFailedError
from mocklake.athena.iceberg import metadata
from mocklake.athena.objects import File, Form
from mocklake.athena.s3_storage import Storage
from mocklake.glue.store import Table
from mocklake.lakeformation.hybrid import S3

ReaderOf = Callable[[str], str]


def is_read_by_metadata(table: Table) -> bool:
    """Tables that Glue itself made have no metadata file here."""
    parameters = table.body.get("Parameters", {})
    is_iceberg = str(parameters.get("table_type", "")).upper() == "ICEBERG"
    return is_iceberg and bool(parameters.get("metadata_location")) and not table.iceberg


def files_of(table: Table, reader_of: ReaderOf) -> tuple[File, ...]:
    """Raises QueryFailedError for what may not be read, or is not there."""
    place, found = opened(table, reader_of)
    snapshot = metadata.current_snapshot(found)
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
    place = Storage(location, reader_of(S3 + location.partition("://")[2]))
    return place, metadata.read(place, table.body["Parameters"]["metadata_location"])


def fields_of(schema: Mapping[str, Any]) -> tuple[tuple[int, str], ...]:
    return tuple((one["id"], one["name"]) for one in schema["fields"])
