"""Assignments of LF-Tags to databases, tables and columns, and definitions of their keys and values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, order=True)
class TagTarget:
    """A database, a table or a column. The parent of a column is its table, that of a table its database."""

    database: str
    table: str = ""
    column: str = ""

    @property
    def name(self) -> str:
        return ".".join(filter(None, (self.database, self.table, self.column)))

    @property
    def level(self) -> int:
        return 2 if self.column else 1 if self.table else 0


@dataclass(frozen=True, order=True)
class TagAssignment:
    """The value of a key that the target carries itself. None: it carries none itself, so it inherits its parent's."""

    target: TagTarget
    key: str
    value: str | None

    def to_json(self) -> dict[str, Any]:
        one = self.target
        return {
            "database": one.database,
            "table": one.table,
            "column": one.column,
            "key": self.key,
            "value": self.value,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "TagAssignment":
        target = TagTarget(value["database"], value.get("table", ""), value.get("column", ""))
        return cls(target, value["key"], value["value"])


@dataclass(frozen=True, order=True)
class TagDefinition:
    """Values that a key has at least, and `removed` ones that it no longer has. Others that it has in AWS stay. `meanings` are
    descriptions by value, that of the key itself under an empty name.
    """

    key: str
    values: tuple[str, ...] = ()
    meanings: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "values": list(self.values),
            "meanings": dict(self.meanings),
            "removed": list(self.removed),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "TagDefinition":
        meanings = tuple(sorted(value.get("meanings", {}).items()))
        return cls(value["key"], tuple(value["values"]), meanings, tuple(value.get("removed", ())))


def assignments_from_json(rows: Iterable[Mapping[str, Any]]) -> tuple[TagAssignment, ...]:
    return tuple(TagAssignment.from_json(row) for row in rows)


def definitions_from_json(rows: Iterable[Mapping[str, Any]]) -> tuple[TagDefinition, ...]:
    return tuple(TagDefinition.from_json(row) for row in rows)
