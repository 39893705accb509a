"""The columns of a table as Athena has them."""

from collections.abc import Mapping
from typing import Any


def data_columns(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Without those that Iceberg's clients keep in Glue after they are dropped or renamed."""
    found = table.get("StorageDescriptor", {}).get("Columns", [])
    return [one for one in found if one.get("Parameters", {}).get("iceberg.field.current", "true") == "true"]


def all_columns(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Partition keys last."""
    return [*data_columns(table), *table.get("PartitionKeys", [])]
