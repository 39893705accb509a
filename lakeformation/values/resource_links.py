"""Resource links, the databases that hold them, and the shares that they need."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lakeformation.values.permissions import ALL_TABLES, DataCatalog, Permission

LINK_DATABASE_PARAMETER = "meshmarket_landing"
"""The parameter by which a database is known as a link database of ours."""


@dataclass(frozen=True, order=True)
class Link:
    """A resource link: a database of the consumer's catalog that points at the owner's; or, with a `target_table`, a
    table in `database` there that points at the owner's table.
    """

    catalog: DataCatalog
    name: str
    target_catalog: DataCatalog
    target_database: str
    database: str = ""
    target_table: str = ""

    @property
    def resource(self) -> str:
        """The resource name in permissions on the link."""
        return f"{self.database}/{self.name}" if self.database else self.name

    @property
    def display_name(self) -> str:
        """The name shown to people."""
        return self.resource.replace("/", ".")

    @property
    def consumer_database(self) -> str:
        """The database of the consumer's catalog in which the owner's table is found."""
        return self.database or self.name

    def to_json(self) -> dict[str, Any]:
        return {
            "catalog": self.catalog.to_json(),
            "name": self.name,
            "target": self.target_catalog.to_json(),
            "target_database": self.target_database,
            **({"database": self.database, "target_table": self.target_table} if self.database else {}),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Link":
        return cls(
            DataCatalog(*value["catalog"]),
            value["name"],
            DataCatalog(*value["target"]),
            value["target_database"],
            value.get("database", ""),
            value.get("target_table", ""),
        )


@dataclass(frozen=True, order=True)
class LinkDatabase:
    """A database of our own in the consumer's catalog, which holds the links to tables of one database of an owner."""

    catalog: DataCatalog
    name: str
    target_catalog: DataCatalog
    target_database: str

    @property
    def parameter_value(self) -> str:
        """The value of its parameter `LINK_DATABASE_PARAMETER`: what it is for. One of the same name without it is somebody else's."""
        return f"{self.target_catalog.account}/{self.target_catalog.region}/{self.target_database}"

    def to_json(self) -> dict[str, Any]:
        return {
            "catalog": self.catalog.to_json(),
            "link_database": self.name,
            "target": self.target_catalog.to_json(),
            "target_database": self.target_database,
        }


@dataclass(frozen=True, order=True)
class Share:
    """What RAM carries from the owner's catalog to a consumer account; it belongs to Lake Formation."""

    sender: DataCatalog
    receiver: str


@lru_cache(maxsize=4096)
def link_name(database: str, target: DataCatalog) -> str:
    """`<database>_<8 hex of the owner's catalog>`: links of two owners never collide."""
    tail = hashlib.sha256(f"{target.account}/{target.region}".encode()).hexdigest()[:8]
    return f"{database}_{tail}"


def link_database_name(database: str, target: DataCatalog) -> str:
    """`<database>_<8 hex of the owner's catalog>_tables`: no link to a database has such a name, which ends in hex."""
    return f"{link_name(database, target)}_tables"


def build_database_link(consumer: DataCatalog, owner: DataCatalog, database: str) -> Link:
    """The link of the consumer's catalog to the owner's database."""
    return Link(consumer, link_name(database, owner), owner, database)


@dataclass(frozen=True)
class LinkNaming:
    """How a table is found in another catalog: behind a link to the owner's database or, `by_table`, by a link of its
    own in a link database of ours. `is_changing`: it was the other way before, and the old links go once the new ones
    exist.
    """

    by_table: bool = False
    is_changing: bool = False

    @property
    def previous(self) -> "LinkNaming | None":
        """The link naming that is being replaced."""
        return LinkNaming(by_table=not self.by_table) if self.is_changing else None

    def build_link(self, consumer: DataCatalog, owner: DataCatalog, database: str, table: str) -> Link:
        if not self.by_table:
            return build_database_link(consumer, owner, database)
        return Link(consumer, table, owner, database, link_database_name(database, owner), table)

    def to_json(self) -> dict[str, bool]:
        return {"by_table": self.by_table, "is_changing": self.is_changing}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "LinkNaming":
        return cls(**value)


BY_DATABASE = LinkNaming()


ANY = "*"


@dataclass(frozen=True, order=True)
class SharedResource:
    """A database or table of Glue. Any one of `arns` in a share carries it: its own first, then wider ones."""

    name: str
    arns: tuple[str, ...]

    def is_in(self, resources: Collection[str]) -> bool:
        return any(arn in resources for arn in self.arns)


def list_shared_resources(permission: Permission) -> Iterator[SharedResource]:
    """What a permission in the owner's catalog needs in a share with the account of its principal."""
    if permission.policy:
        yield _build_database(permission.catalog, ANY)
        if permission.policy.kind == "TABLE":
            yield _build_table(permission.catalog, ANY, ANY)
        return
    yield _build_database(permission.catalog, permission.database)
    if permission.table:
        yield _build_table(permission.catalog, permission.database, permission.table)


def _build_database(catalog: DataCatalog, database: str) -> SharedResource:
    name = "every database" if database == ANY else f"database {database}"
    return SharedResource(name, _widen(catalog, f"database/{database}", "database/*"))


def _build_table(catalog: DataCatalog, database: str, table: str) -> SharedResource:
    name = f"table {database}.{table}"
    if table == ALL_TABLES:
        name = "every table" if database == ANY else f"every table of {database}"
    return SharedResource(
        name, _widen(catalog, f"table/{database}/{table}", f"table/{database}/*", "table/*/*")
    )


def _widen(catalog: DataCatalog, *paths: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"arn:aws:glue:{catalog.region}:{catalog.account}:{path}" for path in paths))
