"""Parsed tables, databases and resource links, as the mirror stores them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple

import orjson

_FORMAT_VERSION = b"6"
"""Increase it when the parser reads more or differently, so that every stored digest differs."""


def to_utc_iso(moment: object) -> str:
    """A time as boto3 reads it, or as it stands in the JSON, seconds since 1970: as ISO 8601. Empty for anything else."""
    if isinstance(moment, int | float):
        return datetime.fromtimestamp(moment, UTC).isoformat()
    return moment.astimezone(UTC).isoformat() if isinstance(moment, datetime) else ""


def to_canonical_json(body: Mapping[str, Any]) -> bytes:
    """With sorted keys, the same whatever the order. What orjson refuses (half a character, a number of more than 64 bits)
    takes the long way.
    """
    try:
        return orjson.dumps(body, to_utc_iso, _ENCODING_OPTIONS)
    except TypeError:
        return _encode_any(body).encode()


def compute_digest(*texts: bytes) -> str:
    """64 hexadecimal digits."""
    said = hashlib.blake2b(_FORMAT_VERSION, digest_size=32)
    for text in texts:
        said.update(text)
    return said.hexdigest()


_ENCODING_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME
_encode_any = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=to_utc_iso).encode


WIDE_TABLE_COLUMNS = 1000
SPARK_SCHEMA = "spark_schema"
"""The columns are those that Spark keeps in the table's parameters: Glue and Lake Formation do not know them."""
NO_SCHEMA = "no_schema"
"""Nothing that Glue returns says the columns."""
TEXT_FLAGS = ("replaced", "cut", "wide", "markup", SPARK_SCHEMA, NO_SCHEMA)
"""What was found in an answer of AWS, in the order in which pages say it: `catalog.browse.tables`."""


class ColumnSnapshot(NamedTuple):
    """A column or partition key; `tags` are the effective ones: assigned here or inherited."""

    position: int
    name: str
    type: str
    comment: str
    is_partition_key: bool
    tags: dict[str, str]
    classification: str


@dataclass(frozen=True)
class TableSnapshot:
    """A table; `glue_created_at` (UTC, ISO 8601) tells a table from another made later under its name.

    So does `iceberg_uuid` where both have one. `storage` and `view` are as in docs/search.md.
    """

    name: str
    kind: str
    description: str
    owner: str
    created_by: str
    location: str
    data_format: str
    parameters: dict[str, str]
    storage: dict[str, Any]
    view: dict[str, Any]
    flags: tuple[str, ...]
    tags: dict[str, str]
    classification: str
    glue_created_at: str
    glue_version: str
    glue_updated_at: str
    iceberg_uuid: str
    default_row_policy: str
    digest: str
    columns: tuple[ColumnSnapshot, ...]

    @property
    def classes(self) -> list[str]:
        """Each classification of the table or a column, once."""
        found = {self.classification, *[column.classification for column in self.columns]}
        return sorted(found - {""})


@dataclass(frozen=True)
class DatabaseSnapshot:
    """A database with the LF-Tags assigned to it."""

    name: str
    description: str
    location: str
    parameters: dict[str, str]
    tags: dict[str, str]
    flags: tuple[str, ...]
    glue_created_at: str

    @cached_property
    def digest(self) -> str:
        return compute_digest(to_canonical_json(vars(self)))


@dataclass(frozen=True)
class LinkSnapshot:
    """A resource link; `target_table` is empty for a link to a database."""

    database: str
    name: str
    target_catalog: str
    target_region: str
    target_database: str
    target_table: str


@dataclass(frozen=True)
class TableTags:
    """LF-Tags of one table: assigned to it, and by column name to its columns."""

    table: dict[str, str] = field(default_factory=dict)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)


NO_TAGS = TableTags()


def is_same_table(snapshot: TableSnapshot, created_at: str, iceberg_uuid: str) -> bool:
    """Whether the stored table and the snapshot are the same table, not one recreated under the same name."""
    alike = not (iceberg_uuid and snapshot.iceberg_uuid) or iceberg_uuid == snapshot.iceberg_uuid
    return alike and created_at == snapshot.glue_created_at
