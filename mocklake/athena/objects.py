"""The objects behind a table: where they lie, whose word opens them, and which partition each belongs to.

A table with registered partitions has the objects in their locations and no others, as on AWS. One without reads
its whole location; there a folder `key=value` gives a partition key's value, else the key is a stored column (AWS
reads nothing there until partitions are registered or projected; assumed for convenience). Names that begin with
`_` or `.` are ignored (Athena User Guide, creating-tables).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from mocklake import moto_bridge
from mocklake.athena.failures import QueryFailedError
from mocklake.glue.partition_expressions import NULL_VALUE, fits
from mocklake.glue.store import Table
from mocklake.iam import resource_access

ReaderOf = Callable[[str], str]
"""The principal that reads a path, by the path's ARN."""


@dataclass(frozen=True)
class Form:
    """How rows are written: `kind` is parquet, csv or json; the others are csv's."""

    kind: str = "parquet"
    delimiter: str = ","
    quote: str = '"'
    skipped: int = 0
    null: str = ""
    fields: tuple[tuple[int, str], ...] = ()
    """The columns of an Iceberg table by their field ids, under which its Parquet files have them."""


@dataclass(frozen=True)
class File:
    """`keys` are values of partition keys by lower-case name, None for NULL; the object need not hold them."""

    content: bytes
    keys: Mapping[str, str | None] = field(default_factory=dict)
    form: Form = Form()
    url: str = ""


def list_files(table: Table, reader_of: ReaderOf) -> tuple[File, ...]:
    """Raises QueryFailedError for what may not be read, or a value that does not fit its key."""
    body = table.body
    keys = {key["Name"].lower(): key.get("Type", "string") for key in body.get("PartitionKeys", [])}
    partitions = table.partitioning.by_values if table.partitioning else {}
    if not partitions:
        return tuple(_by_folder(table.location, keys, _form(body, body), reader_of))
    found = []
    for values in sorted(partitions):
        one = partitions[values]
        held = _typed(dict(zip(keys, values, strict=False)), keys)
        form = _form(body, one.body if "SerdeInfo" in one.body.get("StorageDescriptor", {}) else body)
        location = one.location and one.location.rstrip("/") + "/"
        found += [
            File(content, held, form, _url(location, name))
            for name, content in _read(location, reader_of).items()
        ]
    return tuple(found)


def _by_folder(location: str, keys: Mapping[str, str], form: Form, reader_of: ReaderOf) -> Iterator[File]:
    location = location and location.rstrip("/") + "/"
    below = location.partition("://")[2].partition("/")[2]
    for name, content in _read(location, reader_of).items():
        folders = (part.partition("=") for part in name[len(below) :].split("/")[:-1])
        values = {key.lower(): unquote(value) for key, sign, value in folders if sign and key.lower() in keys}
        yield File(content, _typed(values, keys), form, _url(location, name))


def _url(location: str, key: str) -> str:
    return f"s3://{location.partition('://')[2].partition('/')[0]}/{key}"


def _typed(values: Mapping[str, str], keys: Mapping[str, str]) -> dict[str, str | None]:
    for key, value in values.items():
        if value != NULL_VALUE and not fits(value, keys[key]):
            text = f"Invalid partition value '{value}' for {keys[key]} partition key: {key}"
            raise QueryFailedError(f"HIVE_INVALID_PARTITION_VALUE: {text}")
    return {key: None if value == NULL_VALUE else value for key, value in values.items()}


def _read(location: str, reader_of: ReaderOf) -> dict[str, bytes]:
    bucket, _, prefix = location.partition("://")[2].partition("/")
    if not bucket:
        return {}
    root = moto_bridge.object_arn(bucket)
    reader = reader_of(f"{root}/{prefix}")
    found = {name: body for name, body in moto_bridge.objects(bucket, prefix).items() if is_data(name)}
    may_list = resource_access.may_use_s3(reader, "s3:ListBucket", root, bucket)
    if not (
        may_list
        and all(resource_access.may_use_s3(reader, "s3:GetObject", f"{root}/{key}", bucket) for key in found)
    ):
        raise QueryFailedError(f"PERMISSION_DENIED: Permission denied on S3 path: {location}")
    return found


def is_data(name: str) -> bool:
    last = name.rsplit("/", 1)[-1]
    return bool(last) and last[0] not in "_."


def _form(table: Mapping[str, Any], described: Mapping[str, Any]) -> Form:
    """By the SerDe; a table that names none is Parquet (AWS would refuse it; assumed)."""
    serde = described.get("StorageDescriptor", {}).get("SerdeInfo", {})
    library, asked = serde.get("SerializationLibrary", "").lower(), serde.get("Parameters", {})
    if "json" in library:
        return Form("json")
    if "opencsv" not in library and "lazysimple" not in library:
        return Form()
    usual = "," if "opencsv" in library else "\x01"
    return Form(
        "csv",
        delimiter=asked.get("separatorChar") or asked.get("field.delim") or usual,
        quote=asked.get("quoteChar", '"'),
        null="" if "opencsv" in library else asked.get("serialization.null.format", "\\N"),
        skipped=int(table.get("Parameters", {}).get("skip.header.line.count", 0)),
    )


@dataclass(frozen=True)
class Storage:
    """A folder in S3, and the principal that reads and writes it."""

    location: str
    principal: str

    @property
    def bucket(self) -> str:
        return self.location.partition("://")[2].partition("/")[0]

    @property
    def prefix(self) -> str:
        return self.location.partition("://")[2].partition("/")[2]

    @property
    def arn(self) -> str:
        return moto_bridge.object_arn(self.bucket, self.prefix)

    def require(self, action: str, key: str) -> None:
        """Raises QueryFailedError unless the principal may do the action on the key."""
        if moto_bridge.bucket_owner(self.bucket) is None:
            raise QueryFailedError(
                f"HIVE_FILESYSTEM_ERROR: The specified bucket does not exist: {self.bucket}"
            )
        if not resource_access.may_use_s3(
            self.principal, action, moto_bridge.object_arn(self.bucket, key), self.bucket
        ):
            place = f"s3://{self.bucket}/{key}"
            raise QueryFailedError(
                f"PERMISSION_DENIED: Access Denied (Service: Amazon S3; {action} on {place})"
            )

    def require_write(self) -> None:
        self.require("s3:PutObject", f"{self.prefix}data")

    def put(self, key: str, content: bytes) -> str:
        """The object's place. `key` is whole, from the bucket's root."""
        self.require("s3:PutObject", key)
        moto_bridge.put_object(self.bucket, key, content)
        return f"s3://{self.bucket}/{key}"

    def get(self, place: str) -> bytes:
        """Takes the URI of an object, which must lie in the bucket."""
        bucket, _, key = place.partition("://")[2].partition("/")
        Storage(place, self.principal).require("s3:GetObject", key)
        found = moto_bridge.objects(bucket, key).get(key)
        if found is None:
            raise QueryFailedError(f"ICEBERG_MISSING_METADATA: Object not found: {place}")
        return found

    def listing(self) -> list[str]:
        root = moto_bridge.object_arn(self.bucket)
        if not resource_access.may_use_s3(self.principal, "s3:ListBucket", root, self.bucket):
            raise QueryFailedError(f"PERMISSION_DENIED: Permission denied on S3 path: {self.location}")
        return list(moto_bridge.objects(self.bucket, self.prefix))

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.require("s3:DeleteObject", key)
        for key in keys:
            moto_bridge.delete_object(self.bucket, key)


def to_folder(location: str) -> str:
    """Raises QueryFailedError for what is no place in S3."""
    if not location.startswith("s3://") or not location.removeprefix("s3://").partition("/")[0]:
        raise QueryFailedError(f"INVALID_TABLE_PROPERTY: {location!r} is not a valid S3 path")
    return location.rstrip("/") + "/"
