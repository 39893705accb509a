"""Permissions and opt-ins, and the catalog in which they are held."""

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.tag_expressions import TagPolicy

ALL_TABLES = "*"
DESCRIBE = "DESCRIBE"
SELECT = "SELECT"
ALL_VERBS = frozenset({"ALL", "SUPER", "SUPER_USER"})
"""AWS's names for all verbs at once: in the API, on older rows, and of whoever is super user of a catalog."""
READING_VERBS = frozenset({SELECT, *ALL_VERBS})
"""Verbs on a table that open its data."""


@dataclass(frozen=True, order=True)
class DataCatalog:
    """A Data Catalog: an account in a region."""

    account: str
    region: str

    def to_json(self) -> list[str]:
        return [self.account, self.region]


@dataclass(frozen=True, order=True)
class Permission:
    """A Lake Formation permission, held in the catalog of `catalog`.

    `table` is empty for the database itself and `*` for all its tables; `cells_filter` names a data cells
    filter of the table, whose rows and columns the SELECT is held on. Which columns a plain SELECT covers is
    not part of the atom: it is its value, a ColumnSet; every other value is EVERY. `grantable`: the holder may
    pass it on. `passed_on_by` is the account that passed it on; empty where the catalog's own account granted it. One
    that is held by LF-Tags has a `policy`, and neither database nor table. `condition` is the expression under which
    alone it counts (botocore: Condition), as AWS lists it: we grant none, and never take one for the same permission
    without.
    """

    catalog: DataCatalog
    principal: str
    database: str
    table: str
    verb: str
    grantable: bool = False
    cells_filter: str = ""
    passed_on_by: str = ""
    policy: TagPolicy | None = None
    condition: str = ""

    @property
    def granting_catalog(self) -> DataCatalog:
        """Where it is granted and revoked: in the catalog's own account, or in the one that passed it on."""
        return DataCatalog(self.passed_on_by, self.catalog.region) if self.passed_on_by else self.catalog

    @property
    def resource(self) -> str:
        """The name under which AWS serialises writes: the database, the table, or the policy."""
        if self.policy:
            return self.policy.resource
        return f"{self.database}/{self.table}" if self.table else self.database

    @property
    def tagged(self) -> str:
        """The policy's key; empty where no LF-Tags play a part."""
        return self.policy.key if self.policy else ""

    def to_json(self) -> dict[str, Any]:
        return {
            "catalog": self.catalog.to_json(),
            "principal": self.principal,
            "database": self.database,
            "table": self.table,
            "verb": self.verb,
            "grantable": self.grantable,
            **({"cells_filter": self.cells_filter} if self.cells_filter else {}),
            **({"passed_on_by": self.passed_on_by} if self.passed_on_by else {}),
            **({"policy": self.policy.to_json()} if self.policy else {}),
            **({"condition": self.condition} if self.condition else {}),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Permission":
        return cls(
            DataCatalog(*value["catalog"]),
            value["principal"],
            value["database"],
            value["table"],
            value["verb"],
            value["grantable"],
            value.get("cells_filter", ""),
            value.get("passed_on_by", ""),
            policy=TagPolicy.from_json(value["policy"]) if "policy" in value else None,
            condition=value.get("condition", ""),
        )


_sort_key = attrgetter(
    "catalog.account",
    "catalog.region",
    "principal",
    "database",
    "table",
    "verb",
    "grantable",
    "cells_filter",
    "passed_on_by",
    "tagged",
    "condition",
)


def sort_permissions(permissions: Iterable[Permission]) -> list[Permission]:
    """Sorted as permissions compare; with tens of thousands, a key for each beats comparing them two by two."""
    return sorted(permissions, key=_sort_key)


@dataclass(frozen=True, order=True)
class OptIn:
    """In hybrid access mode: for this principal Lake Formation decides on the table; for others IAM does."""

    catalog: DataCatalog
    principal: str
    database: str
    table: str

    @property
    def resource(self) -> str:
        return f"{self.database}/{self.table}"

    def to_json(self) -> dict[str, Any]:
        return {
            "catalog": self.catalog.to_json(),
            "opt_in": self.principal,
            "database": self.database,
            "table": self.table,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "OptIn":
        return cls(DataCatalog(*value["catalog"]), value["opt_in"], value["database"], value["table"])


HeldPermissions = dict[Permission, ColumnSet]
PermissionColumns = tuple[tuple[Permission, ColumnSet], ...]
"""Permissions with their columns."""


def convert_permission_columns_to_json(
    permissions: Iterable[tuple[Permission, ColumnSet]],
) -> list[dict[str, Any]]:
    return [{**permission.to_json(), "columns": columns.to_json()} for permission, columns in permissions]


def parse_permission_columns(values: Iterable[dict[str, Any]]) -> PermissionColumns:
    return tuple((Permission.from_json(one), ColumnSet.from_json(one["columns"])) for one in values)
