"""Semantic versions of a product's contract. Pure.

A revision is a major version if it removes a table or a column, or changes a type so that queries may fail; a minor one if
it adds tables, columns or keywords, or widens a type; else a patch.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any

from catalog.mirror.schema_changes import is_widening

FIRST_VERSION = "1.0.0"


class Level(IntEnum):
    PATCH = 0
    MINOR = 1
    MAJOR = 2


@dataclass(frozen=True)
class TableSchema:
    """`columns` are types by name."""

    name: str
    columns: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "columns": dict(self.columns)}


@dataclass(frozen=True)
class ContractChange:
    """`what`: table_removed, table_added, column_removed, column_added, type_changed, type_widened, keyword_added. `before` and
    `after` are types.
    """

    what: str
    name: str
    column: str = ""
    before: str = ""
    after: str = ""

    @property
    def level(self) -> Level:
        if self.what in {"table_removed", "column_removed", "type_changed"}:
            return Level.MAJOR
        return Level.MINOR

    @property
    def is_breaking(self) -> bool:
        return self.level is Level.MAJOR

    def to_json(self) -> dict[str, str]:
        return asdict(self)


Schemas = Mapping[str, TableSchema]
"""By the table's id."""


def parse_schemas(stored: Mapping[str, Any]) -> dict[str, TableSchema]:
    return {pk: TableSchema(one["name"], one["columns"]) for pk, one in stored.items()}


def parse_contract_changes(stored: Sequence[Mapping[str, str]]) -> tuple[ContractChange, ...]:
    return tuple(ContractChange(**one) for one in stored)


def compare_contracts(
    before: Schemas, after: Schemas, keywords_before: Sequence[str], keywords_after: Sequence[str]
) -> tuple[ContractChange, ...]:
    """What of a change matters to consumers' queries and searches, table by table."""
    return (
        *(ContractChange("table_removed", before[pk].name) for pk in before if pk not in after),
        *(ContractChange("table_added", after[pk].name) for pk in after if pk not in before),
        *(change for pk in after if pk in before for change in _compare_tables(before[pk], after[pk])),
        *(ContractChange("keyword_added", word) for word in keywords_after if word not in keywords_before),
    )


def compute_next_version(current: str, changes: Sequence[ContractChange]) -> str:
    """After `current`, or the first one where that is empty."""
    if not current:
        return FIRST_VERSION
    major, minor, patch = map(int, current.split("."))
    level = max((one.level for one in changes), default=Level.PATCH)
    if level is Level.MAJOR:
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if level is Level.MINOR else f"{major}.{minor}.{patch + 1}"


def list_breaking_changes(changes: Sequence[ContractChange]) -> tuple[ContractChange, ...]:
    return tuple(one for one in changes if one.is_breaking)


def _compare_tables(before: TableSchema, after: TableSchema) -> Iterator[ContractChange]:
    for name, old in before.columns.items():
        new = after.columns.get(name)
        if new is None:
            yield ContractChange("column_removed", after.name, name, old)
        elif new != old:
            what = "type_widened" if is_widening(old, new) else "type_changed"
            yield ContractChange(what, after.name, name, old, new)
    for name, new in after.columns.items():
        if name not in before.columns:
            yield ContractChange("column_added", after.name, name, "", new)
