"""Write access of a producer's role to the table that a registration made for it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lakeformation.access.base import BaseAccess
from lakeformation.access.link_naming import build_database_link
from lakeformation.values.column_sets import ALL_COLUMNS, ColumnSet
from lakeformation.values.permissions import DESCRIBE, Permission
from lakeformation.values.resource_links import Link

WRITE_VERBS = ("ALTER", "DELETE", DESCRIBE, "INSERT")
"""What the producer's data engineers hold on their own table. It lets nobody read rows: that is asked for by itself."""


@dataclass(frozen=True, kw_only=True)
class WriteAccess(BaseAccess):
    """ALTER, DELETE, DESCRIBE and INSERT on one table, without the grant option.

    The table has no identity here: it was approved before it existed, and the registration makes it again when it
    is lost. Nothing is granted before it is there; see `awaited_tables`.
    """

    kind = "write"
    reaches_many_tables = False

    database: str
    table: str

    @property
    def target(self) -> tuple[str, str]:
        return self.database, self.table

    @property
    def identities(self) -> Mapping[tuple[str, str], str]:
        return {}

    @property
    def awaited_tables(self) -> frozenset[tuple[str, str]]:
        return self.tables

    @property
    def tables(self) -> frozenset[tuple[str, str]]:
        return frozenset({self.target})

    @property
    def reachable_tables(self) -> frozenset[tuple[str, str]]:
        return self.tables

    @property
    def databases(self) -> frozenset[str]:
        return frozenset({self.database})

    @property
    def data_uris(self) -> tuple[str, ...]:
        """None: the registration itself has the location registered."""
        return ()

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
        for verb in WRITE_VERBS:
            yield self._build_permission(verb), ALL_COLUMNS

    def _build_permission(self, verb: str) -> Permission:
        return Permission(self.owner_catalog, self.principal_arn, self.database, self.table, verb)

    def _own_json(self) -> dict[str, Any]:
        return {"database": self.database, "table": self.table}

    @classmethod
    def _parse_own(cls, value: dict[str, Any]) -> dict[str, Any]:
        return value
