"""Differences between two readings of one table, and whether they break queries. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

WIDENING_TYPES = {
    "tinyint": ("smallint", "int", "bigint"),
    "smallint": ("int", "bigint"),
    "int": ("bigint",),
    "integer": ("bigint",),
    "float": ("double",),
    "date": ("timestamp",),
    "char": ("varchar", "string"),
    "varchar": ("string",),
}
"""Types that take every value of the narrower one: Hive's and Iceberg's promotions."""
POSITIONAL_FORMATS = ("csv", "text", "tsv")
COMPARED_FIELDS = ("kind", "data_format", "location", "owner", "classification", "description")
_SIZED = re.compile(r"(\w+)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)\Z")
MAX_SHOWN_LENGTH = 400


class ComparedColumn(NamedTuple):
    name: str
    type: str
    comment: str
    is_partition_key: bool


@dataclass(frozen=True)
class TableChange:
    """`what` happened to `name`, a column or fact; before and after are shortened.

    column_added, column_removed, type_widened, type_changed, key_changed, order_changed, comments_changed (of
    all columns in `name`), fact_changed. Of a registered table also storage_changed, serde_parameter_changed,
    parameter_changed, and version_changed of an Iceberg table.
    """

    what: str
    name: str
    before: str = ""
    after: str = ""
    breaking: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def compare_schemas(
    before: Mapping[str, str],
    after: Mapping[str, str],
    fields: list[ComparedColumn],
    read: list[ComparedColumn],
) -> list[TableChange]:
    """`before` and `after` hold FACTS, `fields` and `read` the columns in order; nothing when all is the same."""
    old, new = (
        {field.name: field for field in fields},
        {compared_column.name: compared_column for compared_column in read},
    )
    found = [
        TableChange("column_removed", name, old[name].type, "", breaking=True)
        for name in old
        if name not in new
    ]
    found += [TableChange("column_added", name, "", new[name].type) for name in new if name not in old]
    for name in [name for name in new if name in old]:
        found += _compare_column(old[name], new[name])
    found += _compare_order([n for n in old if n in new], [n for n in new if n in old], after["data_format"])
    commented = [name for name in new if name in old and old[name].comment != new[name].comment]
    if commented:
        found.append(TableChange("comments_changed", ", ".join(commented)[:MAX_SHOWN_LENGTH]))
    return [*found, *_compare_fields(before, after)]


def _compare_column(old: ComparedColumn, new: ComparedColumn) -> Iterator[TableChange]:
    if old.type != new.type:
        wider = is_widening(old.type, new.type)
        what = "type_widened" if wider else "type_changed"
        yield TableChange(
            what, new.name, old.type[:MAX_SHOWN_LENGTH], new.type[:MAX_SHOWN_LENGTH], breaking=not wider
        )
    if old.is_partition_key != new.is_partition_key:
        words = {True: "partition key", False: "plain column"}
        was, now = words[old.is_partition_key], words[new.is_partition_key]
        yield TableChange("key_changed", new.name, was, now, breaking=True)


def _compare_order(old: list[str], new: list[str], data_format: str) -> Iterator[TableChange]:
    if old != new:
        # A file without names is read by position: another order is other data.
        yield TableChange("order_changed", "", breaking=data_format in POSITIONAL_FORMATS)


def _compare_fields(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[TableChange]:
    for name in COMPARED_FIELDS:
        if before[name] != after[name]:
            was, now = before[name][:MAX_SHOWN_LENGTH], after[name][:MAX_SHOWN_LENGTH]
            yield TableChange("fact_changed", name, was, now, breaking=name == "kind")


def is_widening(old: str, new: str) -> bool:
    """Whether every value of the old type is valid in the new type."""
    was, now = _SIZED.match(old.lower()), _SIZED.match(new.lower())
    if was and now and was[1] == now[1]:
        fraction = int(now[3] or 0) - int(was[3] or 0)
        return fraction >= 0 and int(now[2]) - int(was[2]) >= fraction
    return (now[1] if now else new.lower()) in WIDENING_TYPES.get(
        was[1] if was else old.lower(), ()
    ) and not now
