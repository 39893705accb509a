"""One reading of Glue as values: what the mirror stores, and the digest by which a change is seen.

Pure: no ORM, no I/O, no clock. Takes the dictionaries of AWS's answers, trusts none of their text.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

CLASSIFICATIONS = ("public", "private", "sensitive")
CLASSIFICATION_TAG = "confidentiality"
LONGEST_PARAMETER = 4000

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class ColumnSnapshot:
    """A column or partition key; `tags` are those in force: assigned here or inherited."""

    position: int
    name: str
    type: str
    comment: str
    is_partition_key: bool
    tags: dict[str, str]
    classification: str


@dataclass(frozen=True)
class TableSnapshot:
    """A table; `glue_created_at` (UTC, ISO 8601) tells a table from another made later under its name."""

    name: str
    kind: str
    description: str
    owner: str
    location: str
    data_format: str
    parameters: dict[str, str]
    tags: dict[str, str]
    classification: str
    glue_created_at: str
    glue_version: str
    columns: tuple[ColumnSnapshot, ...]

    @cached_property
    def digest(self) -> str:
        return _digest({**vars(self), "columns": [vars(column) for column in self.columns]})


@dataclass(frozen=True)
class DatabaseSnapshot:
    """A database with the LF-Tags assigned to it."""

    name: str
    description: str
    location: str
    tags: dict[str, str]
    glue_created_at: str

    @cached_property
    def digest(self) -> str:
        return _digest(vars(self))


@dataclass(frozen=True)
class TableTags:
    """LF-Tags of one table: assigned to it, and by column name to its columns."""

    table: dict[str, str] = field(default_factory=dict)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)


NO_TAGS = TableTags()


def storable(text: object, longest: int | None = None) -> str:
    """`text` with NUL and lone surrogates, which PostgreSQL refuses, replaced; cut to `longest`."""
    clean = "" if text is None else _UNSTORABLE.sub("\ufffd", str(text))
    return clean if longest is None else clean[:longest]


def tags_of(pairs: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    """AWS's `[{TagKey, TagValues}]` as key → value; a resource holds one value of a key."""
    found: dict[str, str] = {}
    for pair in pairs or ():
        values = pair.get("TagValues") or [""]
        found[storable(pair.get("TagKey"), 128).lower()] = storable(values[0], 256).lower()
    return dict(sorted(found.items()))


def is_resource_link(answer: Mapping[str, Any]) -> bool:
    """Links are presentation: the owner of their target is where the thing is."""
    return bool(answer.get("TargetTable") or answer.get("TargetDatabase"))


def database_snapshot(answer: Mapping[str, Any], tags: Mapping[str, str]) -> DatabaseSnapshot:
    """One entry of GetDatabases' `DatabaseList`."""
    return DatabaseSnapshot(
        name=storable(answer.get("Name"), 255),
        description=storable(answer.get("Description")),
        location=storable(answer.get("LocationUri"), 1024),
        tags=dict(sorted(tags.items())),
        glue_created_at=_utc(answer.get("CreateTime")),
    )


def table_snapshot(
    answer: Mapping[str, Any], *, database_tags: Mapping[str, str], tags: TableTags = NO_TAGS
) -> TableSnapshot:
    """One entry of GetTables' `TableList`; tags come down from database to table to column."""
    storage = answer.get("StorageDescriptor") or {}
    parameters = {
        storable(key, 512): storable(value, LONGEST_PARAMETER)
        for key, value in sorted((answer.get("Parameters") or {}).items())
    }
    in_force = dict(sorted({**database_tags, **tags.table}.items()))
    return TableSnapshot(
        name=storable(answer.get("Name"), 255),
        kind=storable(answer.get("TableType"), 40),
        description=storable(answer.get("Description")),
        owner=storable(answer.get("Owner"), 255),
        location=storable(storage.get("Location"), 1024),
        data_format=_data_format(parameters, storage),
        parameters=parameters,
        tags=in_force,
        classification=classification_of(in_force),
        glue_created_at=_utc(answer.get("CreateTime")),
        glue_version=storable(answer.get("VersionId"), 40),
        columns=_columns(storage.get("Columns"), answer.get("PartitionKeys"), in_force, tags.columns),
    )


def classification_of(tags: Mapping[str, str]) -> str:
    """public, private or sensitive by the tag `confidentiality`; empty without one that we know."""
    value = tags.get(CLASSIFICATION_TAG, "")
    return value if value in CLASSIFICATIONS else ""


def _columns(
    plain: Iterable[Mapping[str, Any]] | None,
    keys: Iterable[Mapping[str, Any]] | None,
    inherited: Mapping[str, str],
    own: Mapping[str, dict[str, str]],
) -> tuple[ColumnSnapshot, ...]:
    # Crawlers list a partition key among the columns too: the name stands once, as a key.
    partition = {storable(column.get("Name"), 255) for column in keys or ()}
    found: dict[str, ColumnSnapshot] = {}
    for answer in [*(plain or ()), *(keys or ())]:
        name = storable(answer.get("Name"), 255)
        if name in found:
            continue
        tags = dict(sorted({**inherited, **own.get(name, {})}.items()))
        found[name] = ColumnSnapshot(
            position=len(found) + 1,
            name=name,
            type=storable(answer.get("Type")),
            comment=storable(answer.get("Comment")),
            is_partition_key=name in partition,
            tags=tags,
            classification=classification_of(tags),
        )
    return tuple(found.values())


def _data_format(parameters: Mapping[str, str], storage: Mapping[str, Any]) -> str:
    named = parameters.get("table_type") or parameters.get("classification")
    if named:
        return named.lower()[:40]
    reader = storable(storage.get("InputFormat")).lower()
    return next((word for word in ("parquet", "orc", "avro", "text") if word in reader), "")


def _utc(moment: object) -> str:
    return moment.astimezone(UTC).isoformat() if isinstance(moment, datetime) else ""


def _digest(body: dict[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
