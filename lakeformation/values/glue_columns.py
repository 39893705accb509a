"""Columns as Glue returns them."""

from collections.abc import Iterable, Mapping
from typing import Any


def list_current_columns(rows: Iterable[Mapping[str, Any]] | None) -> list[Mapping[str, Any]]:
    """Without those that an Iceberg table has lost: Glue keeps them beside the others, as history."""
    return [row for row in rows or () if not ("Parameters" in row and _is_dropped(row))]


def _is_dropped(row: Mapping[str, Any]) -> bool:
    value = (row["Parameters"] or {}).get("iceberg.field.current")
    return str(value).lower() == "false"
