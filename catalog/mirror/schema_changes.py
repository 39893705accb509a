"""What differs between two readings of one table, and whether who reads it would break. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

WIDER = {
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
BY_POSITION = ("csv", "text", "tsv")
FACTS = ("kind", "data_format", "location", "owner", "classification", "description")
_SIZED = re.compile(r"(\w+)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)\Z")
LONGEST_SHOWN = 400


class Field(NamedTuple):
    name: str
    type: str
    comment: str
    is_partition_key: bool


@dataclass(frozen=True)
class Change:
    """`what` happened to `name`, a column or fact; before and after are shortened.

    column_added, column_removed, type_widened, type_changed, key_changed, order_changed, comments_changed (of
    all columns in `name`), fact_changed.
    """

    what: str
    name: str
    before: str = ""
    after: str = ""
    breaking: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def changes_between(
    before: Mapping[str, str], after: Mapping[str, str], fields: list[Field], read: list[Field]
) -> list[Change]:
    """`before` and `after` hold FACTS, `fields` and `read` the columns in order; nothing when all is the same."""
    old, new = {each.name: each for each in fields}, {each.name: each for each in read}
    found = [
        Change("column_removed", name, old[name].type, "", breaking=True) for name in old if name not in new
    ]
    found += [Change("column_added", name, "", new[name].type) for name in new if name not in old]
    for name in [name for name in new if name in old]:
        found += _of_column(old[name], new[name])
    found += _of_order([n for n in old if n in new], [n for n in new if n in old], after["data_format"])
    commented = [name for name in new if name in old and old[name].comment != new[name].comment]
    if commented:
        found.append(Change("comments_changed", ", ".join(commented)[:LONGEST_SHOWN]))
    return [*found, *_of_facts(before, after)]


def _of_column(old: Field, new: Field) -> Iterator[Change]:
    if old.type != new.type:
        wider = is_wider(old.type, new.type)
        what = "type_widened" if wider else "type_changed"
        yield Change(what, new.name, old.type[:LONGEST_SHOWN], new.type[:LONGEST_SHOWN], breaking=not wider)
    if old.is_partition_key != new.is_partition_key:
        words = {True: "partition key", False: "plain column"}
        was, now = words[old.is_partition_key], words[new.is_partition_key]
        yield Change("key_changed", new.name, was, now, breaking=True)


def _of_order(old: list[str], new: list[str], data_format: str) -> Iterator[Change]:
    if old != new:
        # A file without names is read by position: another order is other data.
        yield Change("order_changed", "", breaking=data_format in BY_POSITION)


def _of_facts(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for name in FACTS:
        if before[name] != after[name]:
            was, now = before[name][:LONGEST_SHOWN], after[name][:LONGEST_SHOWN]
            yield Change("fact_changed", name, was, now, breaking=name == "kind")


def is_wider(old: str, new: str) -> bool:
    """Whether each value of the old type is one of the new, so that nobody's query breaks."""
    was, now = _SIZED.match(old.lower()), _SIZED.match(new.lower())
    if was and now and was[1] == now[1]:
        fraction = int(now[3] or 0) - int(was[3] or 0)
        return fraction >= 0 and int(now[2]) - int(was[2]) >= fraction
    return (now[1] if now else new.lower()) in WIDER.get(was[1] if was else old.lower(), ()) and not now
