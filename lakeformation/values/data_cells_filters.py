"""Data cells filters of a table."""

from dataclasses import dataclass
from typing import Any

from lakeformation.values.canonical_json import digest
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.permissions import DataCatalog

FILTER_NAME_PREFIX = "meshmarket_"
"""How the names of our data cells filters begin."""
FilterKey = tuple[str, str, str]
"""Database, table and name of a data cells filter."""


@dataclass(frozen=True)
class CellsFilter:
    """A data cells filter of a table: these columns, in `rows` (canonical row filter; empty: all rows).

    Ours are named after their contents and never changed: another content is another filter.
    """

    catalog: DataCatalog
    database: str
    table: str
    name: str
    rows: str
    columns: ColumnSet

    @classmethod
    def with_generated_name(
        cls, place: DataCatalog, database: str, table: str, rows: str, columns: ColumnSet
    ) -> "CellsFilter":
        """The filter that we make for these contents."""
        name = f"{FILTER_NAME_PREFIX}{digest({'rows': rows, 'columns': columns.to_json()})[:24]}"
        return cls(place, database, table, name, rows, columns)

    @property
    def key(self) -> FilterKey:
        return self.database, self.table, self.name

    @property
    def resource(self) -> str:
        """As of its table: writes to a filter and to grants on it are serial with those to the table."""
        return f"{self.database}/{self.table}"

    def to_json(self) -> dict[str, Any]:
        return {
            "catalog": self.catalog.to_json(),
            "database": self.database,
            "table": self.table,
            "name": self.name,
            "rows": self.rows,
            "columns": self.columns.to_json(),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "CellsFilter":
        return cls(
            DataCatalog(*value["catalog"]),
            value["database"],
            value["table"],
            value["name"],
            value["rows"],
            ColumnSet.from_json(value["columns"]),
        )
