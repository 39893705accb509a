"""When AWS says that a table's data changed: by Iceberg's metadata, S3 objects, partitions and the table itself."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from workers.aws.calls import iterate_pages
from workers.aws.errors import read_or_none, read_with_retries

PAGE_SIZE = 1000
MAX_OBJECT_PAGES = 20
"""Pages of one listing. S3 lists by name, so the newest object may be on the last page."""
MAX_PARTITION_PAGES = 10
MAX_METADATA_BYTES = 30_000_000
S3_SCHEMES = ("s3", "s3a", "s3n")
NO_DATA = ("_", ".")
"""Names of files and folders that hold no rows begin so, as Hive and Spark have it."""
REWRITES = ("replace",)
"""Operations of Iceberg that write the same rows into other files."""


class UnreadableMetadataError(Exception):
    """The file is no Iceberg metadata, or too large."""


@dataclass(frozen=True)
class StoredTable:
    """A table as Glue has it. `metadata_location` is empty but for Iceberg."""

    updated_at: datetime | None
    location: str
    metadata_location: str
    is_partitioned: bool


@dataclass(frozen=True)
class StoredPartition:
    location: str
    created_at: datetime | None


@dataclass(frozen=True)
class NewestTime:
    """`is_complete`: nothing can be newer, as all was listed."""

    at: datetime | None
    is_complete: bool


@dataclass(frozen=True)
class BucketPlace:
    bucket: str
    key: str


def parse_bucket_place(address: str) -> BucketPlace | None:
    parts = urlsplit(address)
    if parts.scheme not in S3_SCHEMES or not parts.netloc:
        return None
    return BucketPlace(parts.netloc, parts.path.lstrip("/"))


def read_stored_table(glue: Any, catalog_id: str, database: str, name: str) -> StoredTable | None:
    """None if it is gone. AwsError."""
    answer = read_or_none(partial(glue.get_table, CatalogId=catalog_id, DatabaseName=database, Name=name))
    if answer is None:
        return None
    table = answer["Table"]
    parameters = table.get("Parameters") or {}
    is_iceberg = str(parameters.get("table_type", "")).upper() == "ICEBERG"
    return StoredTable(
        updated_at=_parse_time(table.get("UpdateTime")),
        location=(table.get("StorageDescriptor") or {}).get("Location", ""),
        metadata_location=parameters.get("metadata_location", "") if is_iceberg else "",
        is_partitioned=bool(table.get("PartitionKeys")),
    )


def _parse_time(value: datetime | float | None) -> datetime | None:
    """Glue's times are seconds where `json_responses` reads its answers."""
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int | float) else value


def list_newest_partitions(
    glue: Any, catalog_id: str, database: str, name: str, most: int
) -> tuple[list[StoredPartition], bool]:
    """The partitions created last, and whether all were listed. Raises AwsError."""
    asked = {
        "CatalogId": catalog_id,
        "DatabaseName": database,
        "TableName": name,
        "ExcludeColumnSchema": True,
        "MaxResults": PAGE_SIZE,
    }
    pages = iterate_pages(glue.get_partitions, "Partitions", asked)
    found = [_parse_partition(row) for page in islice(pages, MAX_PARTITION_PAGES) for row in page]
    is_complete = next(pages, None) is None
    found.sort(key=lambda one: one.created_at or datetime.min.replace(tzinfo=UTC), reverse=True)
    return found[:most], is_complete


def _parse_partition(row: Mapping[str, Any]) -> StoredPartition:
    place = (row.get("StorageDescriptor") or {}).get("Location", "")
    return StoredPartition(place, _parse_time(row.get("CreationTime")))


def find_newest_object(s3: Any, place: BucketPlace) -> NewestTime:
    """The newest object with rows below a prefix. Raises AwsError."""
    prefix = place.key if not place.key or place.key.endswith("/") else f"{place.key}/"
    newest: datetime | None = None
    pages = _iterate_objects(s3, place.bucket, prefix)
    for page in islice(pages, MAX_OBJECT_PAGES):
        times = [one["LastModified"] for one in page if _has_rows(one, prefix)]
        newest = max([*times, *filter(None, [newest])], default=None)
    return NewestTime(newest, next(pages, None) is None)


def _iterate_objects(s3: Any, bucket: str, prefix: str) -> Iterator[list[Mapping[str, Any]]]:
    asked: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix, "MaxKeys": PAGE_SIZE}
    while True:
        answer = read_with_retries(partial(s3.list_objects_v2, **asked))
        yield answer.get("Contents") or []
        if not answer.get("IsTruncated"):
            return
        asked["ContinuationToken"] = answer["NextContinuationToken"]


def _has_rows(one: Mapping[str, Any], prefix: str) -> bool:
    names = str(one["Key"]).removeprefix(prefix).split("/")
    return bool(one.get("Size")) and not any(name.startswith(NO_DATA) for name in names)


def read_snapshot_time(s3: Any, place: BucketPlace) -> datetime | None:
    """When the newest snapshot was committed that changed rows; None of a table without one. AwsError, UnreadableMetadataError."""

    def content() -> bytes:
        answer = s3.get_object(Bucket=place.bucket, Key=place.key)
        if answer["ContentLength"] > MAX_METADATA_BYTES:
            raise UnreadableMetadataError(f"{place.key} is larger than {MAX_METADATA_BYTES} bytes.")
        found: bytes = answer["Body"].read()
        return found

    return parse_snapshot_time(read_with_retries(content))


def parse_snapshot_time(body: bytes) -> datetime | None:
    """The time of the snapshot in Iceberg metadata, versions 1 to 3
    (https://iceberg.apache.org/spec/#table-metadata). Follows the current snapshot's parents, as a branch or a
    rollback may have newer snapshots that are not the table's.
    """
    try:
        metadata = json.loads(body)
        known = {snapshot["snapshot-id"]: snapshot for snapshot in metadata.get("snapshots") or ()}
        current = known.get(metadata.get("current-snapshot-id"))
        seen: set[int] = set()
        # Compaction writes the same rows anew.
        while (
            current
            and (current.get("summary") or {}).get("operation") in REWRITES
            and current["snapshot-id"] not in seen
        ):
            seen.add(current["snapshot-id"])
            current = known.get(current.get("parent-snapshot-id"), current)
        return datetime.fromtimestamp(current["timestamp-ms"] / 1000, UTC) if current else None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError, RecursionError) as error:
        raise UnreadableMetadataError("It is no Iceberg metadata.") from error
