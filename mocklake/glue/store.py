"""Catalogs, databases and tables, by (catalog id, region): an account's own catalogs and those nested in them.

They hang on the table, so that they go with it and a table made again under its name has none.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mocklake.catalog_ids import path_of
from mocklake.world import World

INDEX_BUILT_AFTER = timedelta(seconds=1)
"""How long mocklake's clock shows a new index as CREATING (assumed; AWS takes longer)."""
Values = tuple[str, ...]


@dataclass(frozen=True)
class Version:
    number: int
    body: dict[str, Any]
    updated_at: datetime


@dataclass(frozen=True)
class Index:
    name: str
    keys: tuple[str, ...]
    made_at: datetime

    def status(self, now: datetime) -> str:
        return "ACTIVE" if now >= self.made_at + INDEX_BUILT_AFTER else "CREATING"


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


@dataclass
class Table:
    """`body` is the TableInput as given; `creator` the IAM principal that holds implicit rights."""

    name: str
    body: dict[str, Any]
    creator: str
    created_by: str
    created_at: datetime
    updated_at: datetime
    version: int = 0
    archive: list[Version] = field(default_factory=list)
    partitioning: Partitioning | None = None
    """Made with the first registered partition or index."""
    statistics: dict[str, dict[str, Any]] | None = None
    """ColumnStatistics by lower-case column."""
    iceberg: dict[str, Any] | None = None
    """IcebergTableMetadata of a table made by Glue itself."""
    status: dict[str, Any] | None = None
    """TableStatus of the last change of a view."""
    lowered: tuple[dict[str, Any], tuple[str, ...]] | None = None
    """The body that was looked at and its data columns: every listing asks for them."""

    @property
    def data_columns(self) -> tuple[str, ...]:
        if self.lowered is None or self.lowered[0] is not self.body:
            columns = self.body.get("StorageDescriptor", {}).get("Columns", [])
            self.lowered = self.body, tuple(column["Name"].lower() for column in columns)
        return self.lowered[1]

    @property
    def partition_keys(self) -> tuple[str, ...]:
        return tuple(column["Name"].lower() for column in self.body.get("PartitionKeys", []))

    @property
    def location(self) -> str:
        return str(self.body.get("StorageDescriptor", {}).get("Location", ""))

    @property
    def link(self) -> dict[str, str] | None:
        return self.body.get("TargetTable")

    @property
    def view(self) -> dict[str, Any] | None:
        """The ViewDefinition of a Data Catalog view."""
        return self.body.get("ViewDefinition")


@dataclass
class Database:
    """`body` is the DatabaseInput with CreateTableDefaultPermissions filled in."""

    name: str
    body: dict[str, Any]
    creator: str
    created_at: datetime
    tables: dict[str, Table] = field(default_factory=dict)
    """Changed by `put` and `drop` only."""
    in_order: list[str] | None = None
    tags: dict[str, str] | None = None

    @property
    def names(self) -> list[str]:
        """The names of its tables, in order; kept, as each page of a listing asks for it."""
        if self.in_order is None:
            self.in_order = sorted(self.tables)
        return self.in_order

    def put(self, table: Table) -> None:
        self.tables[table.name] = table
        self.in_order = None

    def drop(self, name: str) -> None:
        del self.tables[name]
        self.in_order = None

    @property
    def link(self) -> dict[str, str] | None:
        return self.body.get("TargetDatabase")


@dataclass
class Catalog:
    """One nested in an account's own catalog; `body` is the CatalogInput with both defaults filled in."""

    id: str
    body: dict[str, Any]
    creator: str
    created_at: datetime
    updated_at: datetime
    tags: dict[str, str] | None = None


@dataclass
class Store:
    catalogs: dict[tuple[str, str], dict[str, Database]] = field(default_factory=dict)
    """Databases by name."""
    nested: dict[tuple[str, str], Catalog] = field(default_factory=dict)


def new_store() -> Store:
    return Store()


def catalog(world: World, catalog_id: str, region: str) -> dict[str, Database]:
    """Databases by name; nothing for a nested catalog that is not there."""
    store: Store = world.stores["glue"]
    if path_of(catalog_id) and (catalog_id, region) not in store.nested:
        return {}
    return store.catalogs.setdefault((catalog_id, region), {})


def find_catalog(world: World, catalog_id: str, region: str) -> Catalog | None:
    """A nested one."""
    store: Store = world.stores["glue"]
    return store.nested.get((catalog_id, region))


def find_database(world: World, catalog_id: str, region: str, database: str) -> Database | None:
    return catalog(world, catalog_id, region).get(database.lower())


def find_table(world: World, catalog_id: str, region: str, database: str, table: str) -> Table | None:
    parent = find_database(world, catalog_id, region, database)
    return parent.tables.get(table.lower()) if parent else None
