"""The registered partitions of a table, their indexes and their column statistics.

They hang on the table, so that they go with it and a table made again under its name has none.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

INDEX_BUILT_AFTER = timedelta(seconds=1)
"""How long mocklake's clock shows a new index as CREATING (assumed; AWS takes longer)."""
Values = tuple[str, ...]


@dataclass
class Partition:
    """`body` is the PartitionInput as given; `statistics` are ColumnStatistics by lower-case column."""

    values: Values
    body: dict[str, Any]
    created_at: datetime
    statistics: dict[str, dict[str, Any]] | None = None

    @property
    def location(self) -> str:
        return str(self.body.get("StorageDescriptor", {}).get("Location", ""))


@dataclass(frozen=True)
class Index:
    name: str
    keys: tuple[str, ...]
    made_at: datetime

    def status(self, now: datetime) -> str:
        return "ACTIVE" if now >= self.made_at + INDEX_BUILT_AFTER else "CREATING"


@dataclass
class Partitioning:
    by_values: dict[Values, Partition] = field(default_factory=dict)
    """Changed by `put` and `drop` only."""
    indexes: dict[str, Index] = field(default_factory=dict)
    in_order: list[list[str]] | None = None

    @property
    def ordered(self) -> list[list[str]]:
        """All values, sorted; kept, as each page of a listing asks for them."""
        if self.in_order is None:
            self.in_order = [list(values) for values in sorted(self.by_values)]
        return self.in_order

    def put(self, partition: Partition) -> None:
        if partition.values not in self.by_values:
            self.in_order = None
        self.by_values[partition.values] = partition

    def drop(self, values: Values) -> None:
        del self.by_values[values]
        self.in_order = None
