"""The access that an approved request or registration grants, and the permissions it consists of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lakeformation.access.base import ACCESS_KINDS, BaseAccess, ManyTablesAccess
from lakeformation.access.link_naming import build_database_link
from lakeformation.access.table_access import TableAccess, WriteAccess
from lakeformation.values.column_sets import ALL_COLUMNS, ColumnSet
from lakeformation.values.permissions import ALL_TABLES, DESCRIBE, SELECT, Permission
from lakeformation.values.resource_links import Link
from lakeformation.values.tag_expressions import TagExpression, TagPolicy


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


@dataclass(frozen=True)
class TagReach:
    """What an expression reached when it was approved: databases in which it grants anything, and which of them do
    not carry the tags themselves; tables by database and name; the S3 URIs of their data.
    """

    expression: TagExpression
    databases: tuple[str, ...]
    untagged: tuple[str, ...]
    tables: tuple[tuple[str, str], ...]
    locations: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "tags": self.expression.to_json(),
            "databases": list(self.databases),
            "untagged": list(self.untagged),
            "tables": [list(table) for table in self.tables],
            "locations": list(self.locations),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "TagReach":
        return cls(
            TagExpression.from_values(value["tags"]),
            tuple(value["databases"]),
            tuple(value["untagged"]),
            tuple((database, table) for database, table in value["tables"]),
            tuple(value["locations"]),
        )


@dataclass(frozen=True, kw_only=True)
class TagAccess(ManyTablesAccess):
    """Access to whatever an LF-Tag expression reaches. It uses links to databases, as its members come and go."""

    kind = "tags"
    names_database = False
    reports_narrowing = True
    account_refusal = "LF-Tags are"
    later_name = "everything tagged with these LF-Tags later"

    reach: TagReach

    @property
    def name(self) -> str:
        return self.reach.expression.text

    @property
    def tag_expression(self) -> TagExpression:
        return self.reach.expression

    @property
    def target(self) -> tuple[str, str]:
        return "", ""

    @property
    def identities(self) -> Mapping[tuple[str, str], str]:
        return {}

    @property
    def tables(self) -> frozenset[tuple[str, str]]:
        return frozenset(self.reach.tables)

    @property
    def databases(self) -> frozenset[str]:
        return frozenset(self.reach.databases)

    @property
    def data_uris(self) -> tuple[str, ...]:
        return self.reach.locations

    def _build_links(self) -> Iterator[Link]:
        for database in self.reach.databases:
            yield build_database_link(self.consumer_catalog, self.owner_catalog, database)

    @property
    def table_permission(self) -> tuple[Permission, ColumnSet]:
        """SELECT on the tables with the tags."""
        return self._build_policy_permission("TABLE", SELECT), ALL_COLUMNS

    def _list_owner_permissions(self) -> Iterator[tuple[Permission, ColumnSet]]:
        """By database and by table expression. Databases without the tags are named; see `permissions`."""
        yield self._build_policy_permission("DATABASE", DESCRIBE), ALL_COLUMNS
        yield self.table_permission
        yield self._build_policy_permission("TABLE", DESCRIBE), ALL_COLUMNS
        for database in self.reach.untagged:
            yield Permission(self.owner_catalog, self.principal_arn, database, "", DESCRIBE), ALL_COLUMNS

    def _build_policy_permission(self, kind: str, verb: str) -> Permission:
        policy = TagPolicy(kind, self.reach.expression)
        return Permission(self.owner_catalog, self.principal_arn, "", "", verb, policy=policy)

    def _own_json(self) -> dict[str, Any]:
        return {"reach": self.reach.to_json()}

    @classmethod
    def _parse_own(cls, value: dict[str, Any]) -> dict[str, Any]:
        return {**value, "reach": TagReach.from_json(value["reach"])}


Access = BaseAccess
BUILT_IN_KINDS = (TableAccess, TagAccess, DatabaseAccess, WriteAccess)
"""Further kinds are registered where their target is (`requests_app.targets`)."""


def parse_access(value: Mapping[str, Any]) -> Access:
    """The access of which `value` is the `to_json`. KeyError for an unknown kind or a missing member, TypeError for an
    unknown member.
    """
    return ACCESS_KINDS[value["kind"]].from_json(value)


def list_kinds_of_any_database() -> list[str]:
    """Kinds whose JSON names no database."""
    return [kind for kind, access in ACCESS_KINDS.items() if not access.names_database]
