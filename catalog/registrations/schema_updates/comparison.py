"""Compares a registered table with its source in the producer's catalog."""

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.mirror.models import Table
from catalog.mirror.schema_changes import COMPARED_FIELDS, ComparedColumn, TableChange, compare_schemas
from catalog.registrations.models import Registration
from catalog.registrations.sources import find_source_at

Columns = list[dict[str, str]]
"""As a registration stores them: name, type, comment."""


def find_source(registration: Registration) -> Table | None:
    """The producer's table at the same location. Of several, the one with the registered name; else none."""
    return find_source_at(registration.producer, registration.location, registration.table)


def read_columns(table: Table) -> Columns:
    """Without the partition keys, which Glue cannot change. One query."""
    rows = table.columns.filter(is_partition_key=False).order_by("position")
    return [{"name": one.name, "type": one.type, "comment": one.comment} for one in rows]


def list_changes(registration: Registration, before: Columns, after: Columns) -> list[TableChange]:
    facts = dict.fromkeys(COMPARED_FIELDS, "") | {"data_format": registration.data_format}
    return compare_schemas(facts, facts, _list_compared(before), _list_compared(after))


def _list_compared(columns: Iterable[Mapping[str, Any]]) -> list[ComparedColumn]:
    return [ComparedColumn(one["name"], one["type"], one["comment"], False) for one in columns]
