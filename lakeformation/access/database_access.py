"""Access to a whole database."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lakeformation.access.base import ManyTablesAccess
from lakeformation.values.column_sets import ALL_COLUMNS, ColumnSet
from lakeformation.values.permissions import ALL_TABLES, SELECT, Permission
from lakeformation.values.resource_links import Link, build_database_link


@dataclass(frozen=True)
class DatabaseReach:
    """The names of the tables that a database contained when it was approved, and the S3 URIs of their data."""

    tables: tuple[str, ...]
    locations: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {"tables": list(self.tables), "locations": list(self.locations)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "DatabaseReach":
        return cls(tuple(value["tables"]), tuple(value["locations"]))


@dataclass(frozen=True, kw_only=True)
class DatabaseAccess(ManyTablesAccess):
    """Access to every table of a database, those yet to come too. `database_created` is the database's identity."""

    kind = "database"
    account_refusal = "all tables of a database, including future ones, are"

    database: str
    database_created: str
    reach: DatabaseReach

    @property
    def name(self) -> str:
        return f"every table of {self.database}"

    @property
    def later_name(self) -> str:
        return f"everything added to {self.database} later, tables and columns,"

    @property
    def target(self) -> tuple[str, str]:
        return self.database, ALL_TABLES

    @property
    def identities(self) -> Mapping[tuple[str, str], str]:
        return {self.target: self.database_created} if self.database_created else {}

    @property
    def tables(self) -> frozenset[tuple[str, str]]:
        return frozenset((self.database, name) for name in self.reach.tables)

    @property
    def databases(self) -> frozenset[str]:
        return frozenset({self.database})

    @property
    def data_uris(self) -> tuple[str, ...]:
        return self.reach.locations

    def _build_links(self) -> Iterator[Link]:
        yield build_database_link(self.consumer_catalog, self.owner_catalog, self.database)

    @property
    def table_permission(self) -> tuple[Permission, ColumnSet]:
        """SELECT on all tables."""
        select = Permission(self.owner_catalog, self.principal_arn, self.database, ALL_TABLES, SELECT)
        return select, ALL_COLUMNS

    def _list_owner_permissions(self) -> Iterator[tuple[Permission, ColumnSet]]:
        yield from self._list_named_permissions(self.database)

    def _own_json(self) -> dict[str, Any]:
        return {
            "database": self.database,
            "database_created": self.database_created,
            "reach": self.reach.to_json(),
        }

    @classmethod
    def _parse_own(cls, value: dict[str, Any]) -> dict[str, Any]:
        return {**value, "reach": DatabaseReach.from_json(value["reach"])}
