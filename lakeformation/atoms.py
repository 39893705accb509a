"""The smallest things that can be true in AWS: a permission, a filter, an opt-in, a link, a share, a location."""

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from lakeformation.canonical import digest
from lakeformation.columns import ColumnSet
from lakeformation.tags import TagPolicy

ALL_TABLES = "*"
DESCRIBE = "DESCRIBE"
SELECT = "SELECT"
EVERYTHING = frozenset({"ALL", "SUPER", "SUPER_USER"})
"""AWS's names for all verbs at once: in the API, on older rows, and of whoever is super user of a catalog."""
READING = frozenset({SELECT, *EVERYTHING})
"""Verbs on a table that open its data."""
OUR_FILTERS = "meshmarket_"
"""How the names of our data cells filters begin."""
LANDING = "meshmarket_landing"
"""The parameter by which a database is known as a landing database of ours."""
FilterKey = tuple[str, str, str]
"""Database, table and name of a data cells filter."""


@dataclass(frozen=True, order=True)
class Place:
    """A Data Catalog: an account in a region."""

    account: str
    region: str

    def to_json(self) -> list[str]:
        return [self.account, self.region]


@dataclass(frozen=True, order=True)
class Permission:
    """A Lake Formation permission, held in the catalog of `place`.

    `table` is empty for the database itself and `*` for all its tables; `cells_filter` names a data cells
    filter of the table, whose rows and columns the SELECT is held on. Which columns a plain SELECT covers is
    not part of the atom: it is its value, a ColumnSet; every other value is EVERY. `grantable`: the holder may
    pass it on. `through` is the account that passed it on; empty where the catalog's own account granted it. One
    that is held by LF-Tags has a `policy`, and neither database nor table. `condition` is the expression under which
    alone it counts (botocore: Condition), as AWS lists it: we grant none, and never take one for the same permission
    without.
    """

    place: Place
    principal: str
    database: str
    table: str
    verb: str
    grantable: bool = False
    cells_filter: str = ""
    through: str = ""
    policy: TagPolicy | None = None
    condition: str = ""

    @property
    def grantor(self) -> Place:
        """Where it is granted and revoked: in the catalog's own account, or in the one that passed it on."""
        return Place(self.through, self.place.region) if self.through else self.place

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
            "place": self.place.to_json(),
            "principal": self.principal,
            "database": self.database,
            "table": self.table,
            "verb": self.verb,
            "grantable": self.grantable,
            **({"cells_filter": self.cells_filter} if self.cells_filter else {}),
            **({"through": self.through} if self.through else {}),
            **({"policy": self.policy.to_json()} if self.policy else {}),
            **({"condition": self.condition} if self.condition else {}),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Permission":
        return cls(
            Place(*value["place"]),
            value["principal"],
            value["database"],
            value["table"],
            value["verb"],
            value["grantable"],
            value.get("cells_filter", ""),
            value.get("through", ""),
            policy=TagPolicy.from_json(value["policy"]) if "policy" in value else None,
            condition=value.get("condition", ""),
        )


_ORDER = attrgetter(
    "place.account", "place.region", "principal", "database", "table", "verb", "grantable", "cells_filter",
    "through",
    "tagged", "condition",
)  # fmt: skip


def in_order(permissions: Iterable[Permission]) -> list[Permission]:
    """Sorted as permissions compare; with tens of thousands, a key for each beats comparing them two by two."""
    return sorted(permissions, key=_ORDER)


@dataclass(frozen=True)
class CellsFilter:
    """A data cells filter of a table: these columns, in the rows of a rule (its canonical text; empty: all).

    Ours are named after their contents and never changed: another content is another filter.
    """

    place: Place
    database: str
    table: str
    name: str
    rows: str
    columns: ColumnSet

    @classmethod
    def named(cls, place: Place, database: str, table: str, rows: str, columns: ColumnSet) -> "CellsFilter":
        """The filter that we make for these contents."""
        name = f"{OUR_FILTERS}{digest({'rows': rows, 'columns': columns.to_json()})[:24]}"
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
            "place": self.place.to_json(),
            "database": self.database,
            "table": self.table,
            "name": self.name,
            "rows": self.rows,
            "columns": self.columns.to_json(),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "CellsFilter":
        return cls(
            Place(*value["place"]),
            value["database"],
            value["table"],
            value["name"],
            value["rows"],
            ColumnSet.from_json(value["columns"]),
        )


@dataclass(frozen=True, order=True)
class OptIn:
    """In hybrid access mode: for this principal Lake Formation decides on the table; for others IAM does."""

    place: Place
    principal: str
    database: str
    table: str

    @property
    def resource(self) -> str:
        return f"{self.database}/{self.table}"

    def to_json(self) -> dict[str, Any]:
        return {
            "place": self.place.to_json(),
            "opt_in": self.principal,
            "database": self.database,
            "table": self.table,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "OptIn":
        return cls(Place(*value["place"]), value["opt_in"], value["database"], value["table"])


@dataclass(frozen=True, order=True)
class Link:
    """A resource link: a database of the consumer's catalog that points at the owner's; or, with a `target_table`, a
    table in `database` there that points at the owner's table.
    """

    place: Place
    name: str
    target: Place
    target_database: str
    database: str = ""
    target_table: str = ""

    @property
    def resource(self) -> str:
        """As permissions on it name theirs."""
        return f"{self.database}/{self.name}" if self.database else self.name

    @property
    def path(self) -> str:
        """As people name it."""
        return self.resource.replace("/", ".")

    @property
    def lands_in(self) -> str:
        """The database of the consumer's catalog in which the owner's table is found."""
        return self.database or self.name

    def to_json(self) -> dict[str, Any]:
        return {
            "place": self.place.to_json(),
            "name": self.name,
            "target": self.target.to_json(),
            "target_database": self.target_database,
            **({"database": self.database, "target_table": self.target_table} if self.database else {}),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Link":
        return cls(
            Place(*value["place"]),
            value["name"],
            Place(*value["target"]),
            value["target_database"],
            value.get("database", ""),
            value.get("target_table", ""),
        )


@dataclass(frozen=True, order=True)
class LandingDatabase:
    """A database of our own in the consumer's catalog, which holds the links to tables of one database of an owner."""

    place: Place
    name: str
    target: Place
    target_database: str

    @property
    def mark(self) -> str:
        """The value of its parameter `LANDING`: what it is for. One of the same name without it is somebody else's."""
        return f"{self.target.account}/{self.target.region}/{self.target_database}"

    def to_json(self) -> dict[str, Any]:
        return {
            "place": self.place.to_json(),
            "landing": self.name,
            "target": self.target.to_json(),
            "target_database": self.target_database,
        }


@dataclass(frozen=True, order=True)
class Share:
    """What RAM carries from the owner's catalog to a consumer account; it belongs to Lake Formation."""

    sender: Place
    receiver: str


@dataclass(frozen=True, order=True)
class Location:
    """An S3 path registered in the owner's catalog with the role that Lake Formation reads it by."""

    place: Place
    arn: str
    role: str

    def to_json(self) -> dict[str, Any]:
        return {"place": self.place.to_json(), "arn": self.arn, "role": self.role}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Location":
        return cls(Place(*value["place"]), value["arn"], value["role"])
