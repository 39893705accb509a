"""Access by LF-Tags."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lakeformation.access.base import ManyTablesAccess
from lakeformation.values.column_sets import ALL_COLUMNS, ColumnSet
from lakeformation.values.permissions import DESCRIBE, SELECT, Permission
from lakeformation.values.resource_links import Link, build_database_link
from lakeformation.values.tag_expressions import TagExpression, TagPolicy


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
