"""Access to one table by its name: to read, and to write."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from lakeformation.access.base import BaseAccess
from lakeformation.access.link_naming import BY_DATABASE, LinkNaming, build_database_link
from lakeformation.values.arn import Location
from lakeformation.values.column_sets import ALL_COLUMNS, NO_COLUMNS, Cells, ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import DESCRIBE, SELECT, OptIn, Permission
from lakeformation.values.resource_links import Link, LinkDatabase


@dataclass(frozen=True, kw_only=True)
class SingleTableAccess(BaseAccess):
    """What it reaches is one table and its database."""

    database: str
    table: str

    @property
    def target(self) -> tuple[str, str]:
        return self.database, self.table

    @property
    def tables(self) -> frozenset[tuple[str, str]]:
        return frozenset({self.target})

    @property
    def reachable_tables(self) -> frozenset[tuple[str, str]]:
        return self.tables

    @property
    def databases(self) -> frozenset[str]:
        return frozenset({self.database})


@dataclass(frozen=True, kw_only=True)
class TableAccess(SingleTableAccess):
    """`table_created` is the identity of the table (Glue's CreateTime), `location` its S3 URI.

    `row_filter` is the canonical text of the condition that rows must pass; empty: all rows. `metadata_only`:
    the table may be seen, its data may not. `holds_new_columns`: the whole table was approved, and later columns
    join `columns` when released; until then AWS keeps them shut. `in_hybrid_mode`: the data lie where Lake Formation
    decides only for principals that opted in, as known at the approval; see `planning.hybrid_mode`.
    `account_grant`: the consumer's account passes it on from this account grant.
    """

    kind = "table"

    table_created: str
    columns: ColumnSet
    location: str = ""
    row_filter: str = ""
    metadata_only: bool = False
    holds_new_columns: bool = False
    in_hybrid_mode: bool = False
    account_grant: int = 0
    link_naming: LinkNaming = BY_DATABASE

    @property
    def identities(self) -> Mapping[tuple[str, str], str]:
        return {self.target: self.table_created} if self.table_created else {}

    @property
    def data_uris(self) -> tuple[str, ...]:
        return () if self.metadata_only else (self.location,)

    @property
    def registration(self) -> Location | None:
        """The data location that must be registered, or None where no data are read or no path is known."""
        return next(iter(self.registrations), None)

    @property
    def opens_data(self) -> bool:
        return not self.metadata_only

    @property
    def cells(self) -> Cells:
        return Cells(self.columns, self.row_filter)

    @cached_property
    def cells_filter(self) -> CellsFilter | None:
        if not self.row_filter or self.metadata_only:
            return None
        return CellsFilter.with_generated_name(
            self.owner_catalog, self.database, self.table, self.row_filter, self.columns
        )

    @cached_property
    def opt_in(self) -> OptIn | None:
        """Metadata need none."""
        if not self.in_hybrid_mode or self.metadata_only or self.adoption:
            return None
        return OptIn(self.owner_catalog, self.principal_arn, self.database, self.table)

    @property
    def link(self) -> Link | None:
        return next(iter(self.links), None)

    def _build_links(self) -> Iterator[Link]:
        yield self.link_naming.build_link(
            self.consumer_catalog, self.owner_catalog, self.database, self.table
        )

    @cached_property
    def link_database(self) -> LinkDatabase | None:
        if not self.link or not self.link.database:
            return None
        return LinkDatabase(self.consumer_catalog, self.link.database, self.owner_catalog, self.database)

    @cached_property
    def previous_link_naming(self) -> "TableAccess | None":
        previous = self.link_naming.previous
        return replace(self, link_naming=previous) if previous and self.link else None

    @property
    def passed_on_by(self) -> str:
        """The account that passes it on; empty where the owner grants it."""
        return self.consumer if self.account_grant else ""

    @property
    def grantable_columns(self) -> ColumnSet:
        """The columns that an account grant may pass on: all, unless it was adopted: then AWS may hold the option for
        some of them, or for none.
        """
        if not self.adoption:
            return self.columns
        option = replace(self.table_permission[0], grantable=True)
        return (
            NO_COLUMNS
            if self.metadata_only
            else dict(self.adoption.companion_permissions).get(option, NO_COLUMNS)
        )

    @property
    def table_permission(self) -> tuple[Permission, ColumnSet]:
        """SELECT on columns or on a filter, or DESCRIBE."""
        verb = DESCRIBE if self.metadata_only else SELECT
        name = self.cells_filter.name if self.cells_filter else ""
        permission = Permission(
            self.owner_catalog,
            self.principal_arn,
            self.database,
            self.table,
            verb,
            cells_filter=name,
            passed_on_by=self.passed_on_by,
        )
        return permission, ALL_COLUMNS if self.metadata_only or name else self.columns

    def _list_owner_permissions(self) -> Iterator[tuple[Permission, ColumnSet]]:
        yield from self._list_named_permissions(self.database, self.passed_on_by)

    def list_approved_permissions(self) -> Iterator[tuple[Permission, ColumnSet]]:
        """The approved permissions: every column where new columns are held."""
        for permission, columns in self.permissions:
            yield permission, ALL_COLUMNS if self.holds_new_columns and permission.verb == SELECT else columns

    def _own_json(self) -> dict[str, Any]:
        optional = {
            "row_filter": self.row_filter,
            "metadata_only": self.metadata_only,
            "holds_new_columns": self.holds_new_columns,
            "in_hybrid_mode": self.in_hybrid_mode,
            "account_grant": self.account_grant,
        }
        naming = {"link_naming": self.link_naming.to_json()} if self.link_naming != BY_DATABASE else {}
        return {
            "database": self.database,
            "table": self.table,
            "table_created": self.table_created,
            "columns": self.columns.to_json(),
            "location": self.location,
            **{name: part for name, part in optional.items() if part},
            **naming,
        }

    @classmethod
    def _parse_own(cls, value: dict[str, Any]) -> dict[str, Any]:
        if "link_naming" in value:
            value["link_naming"] = LinkNaming.from_json(value["link_naming"])
        return {**value, "columns": ColumnSet.from_json(value["columns"])}


WRITE_VERBS = ("ALTER", "DELETE", DESCRIBE, "INSERT")
"""All that a producer's role can hold on a table. It lets nobody read rows: that is requested by itself."""


@dataclass(frozen=True, kw_only=True)
class WriteAccess(SingleTableAccess):
    """Some of ALTER, DELETE, DESCRIBE and INSERT on one table, without the grant option.

    `table_created` is the identity of the table (Glue's CreateTime), `location` its S3 URI. A registration's access has
    neither: it was approved before the table existed, and the registration makes the table again when it is lost, and
    registers the location. Nothing is granted before the table is there; see `awaited_tables`.
    """

    kind = "write"

    verbs: tuple[str, ...] = WRITE_VERBS
    table_created: str = ""
    location: str = ""

    @property
    def identities(self) -> Mapping[tuple[str, str], str]:
        return {self.target: self.table_created} if self.table_created else {}

    @property
    def awaited_tables(self) -> frozenset[tuple[str, str]]:
        return frozenset() if self.table_created else self.tables

    @property
    def data_uris(self) -> tuple[str, ...]:
        return (self.location,) if self.location else ()

    @property
    def opens_data(self) -> bool:
        return False

    def _build_links(self) -> Iterator[Link]:
        yield build_database_link(self.consumer_catalog, self.owner_catalog, self.database)

    @property
    def table_permission(self) -> tuple[Permission, ColumnSet]:
        """DESCRIBE on the table, the least of its verbs."""
        return self._build_permission(DESCRIBE), ALL_COLUMNS

    def _list_owner_permissions(self) -> Iterator[tuple[Permission, ColumnSet]]:
        yield Permission(self.owner_catalog, self.principal_arn, self.database, "", DESCRIBE), ALL_COLUMNS
        for verb in self.verbs:
            yield self._build_permission(verb), ALL_COLUMNS

    def _build_permission(self, verb: str) -> Permission:
        return Permission(self.owner_catalog, self.principal_arn, self.database, self.table, verb)

    def _own_json(self) -> dict[str, Any]:
        own: dict[str, Any] = {"database": self.database, "table": self.table}
        if self.verbs != WRITE_VERBS:
            own["verbs"] = list(self.verbs)
        identity = {"table_created": self.table_created, "location": self.location}
        return {**own, **{name: part for name, part in identity.items() if part}}

    @classmethod
    def _parse_own(cls, value: dict[str, Any]) -> dict[str, Any]:
        return {**value, "verbs": tuple(value["verbs"])} if "verbs" in value else value
