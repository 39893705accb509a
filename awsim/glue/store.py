"""Databases and tables of every Data Catalog, by (catalog account, region)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from awsim.glue.partition_store import Partitioning
from awsim.world import World


@dataclass(frozen=True)
class Version:
    number: int
    body: dict[str, Any]
    updated_at: datetime


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

    @property
    def data_columns(self) -> tuple[str, ...]:
        columns = self.body.get("StorageDescriptor", {}).get("Columns", [])
        return tuple(column["Name"].lower() for column in columns)

    @property
    def partition_keys(self) -> tuple[str, ...]:
        return tuple(column["Name"].lower() for column in self.body.get("PartitionKeys", []))

    @property
    def location(self) -> str:
        return str(self.body.get("StorageDescriptor", {}).get("Location", ""))

    @property
    def link(self) -> dict[str, str] | None:
        return self.body.get("TargetTable")


@dataclass
class Database:
    """`body` is the DatabaseInput with CreateTableDefaultPermissions filled in."""

    name: str
    body: dict[str, Any]
    creator: str
    created_at: datetime
    tables: dict[str, Table] = field(default_factory=dict)

    @property
    def link(self) -> dict[str, str] | None:
        return self.body.get("TargetDatabase")


@dataclass
class Store:
    catalogs: dict[tuple[str, str], dict[str, Database]] = field(default_factory=dict)


def new_store() -> Store:
    return Store()


def catalog(world: World, account: str, region: str) -> dict[str, Database]:
    store: Store = world.stores["glue"]
    return store.catalogs.setdefault((account, region), {})


def find_database(world: World, account: str, region: str, database: str) -> Database | None:
    return catalog(world, account, region).get(database.lower())


def find_table(world: World, account: str, region: str, database: str, table: str) -> Table | None:
    parent = find_database(world, account, region, database)
    return parent.tables.get(table.lower()) if parent else None
