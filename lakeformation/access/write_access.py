"""Write access of a producer's role to a table of its own domain."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lakeformation.access.base import SingleTableAccess
from lakeformation.values.column_sets import ALL_COLUMNS, ColumnSet
from lakeformation.values.permissions import DESCRIBE, Permission
from lakeformation.values.resource_links import Link, build_database_link

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
