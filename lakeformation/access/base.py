"""What access of every kind answers."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Self

from lakeformation.values.arn import Location
from lakeformation.values.column_sets import ALL_COLUMNS, Cells, ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import (
    ALL_TABLES,
    DESCRIBE,
    DataCatalog,
    OptIn,
    Permission,
    PermissionColumns,
    convert_permission_columns_to_json,
    parse_permission_columns,
)
from lakeformation.values.resource_links import (
    Link,
    LinkDatabase,
    Share,
    SharedResource,
    list_shared_resources,
)
from lakeformation.values.tag_expressions import TagExpression

PARTY_MEMBERS = frozenset(
    {
        "principal_arn",
        "principal_id",
        "consumer",
        "consumer_region",
        "owner",
        "region",
        "catalog_short_name",
        "location_role",
    }
)
"""The members of an access in JSON that are its parties."""


@dataclass(frozen=True)
class Parties:
    """The recipient, the catalog of its account, and the owner's catalog with the portal's name for it.

    `principal_id` is the identity of the principal (RoleId): an access is not repaired when it changes. Where
    `principal_arn` is the consumer's account id, the access is an account grant: the account may pass it on to whom
    it wants inside of it, and nobody reads anything by it alone. `location_role` is the role by which the owner's
    data locations are registered.
    """

    principal_arn: str
    principal_id: str
    consumer_catalog: DataCatalog
    owner_catalog: DataCatalog
    catalog_short_name: str
    location_role: str = ""

    @property
    def owner(self) -> str:
        """The owner's account."""
        return self.owner_catalog.account

    @property
    def consumer(self) -> str:
        """The consumer's account."""
        return self.consumer_catalog.account

    @property
    def is_account_grant(self) -> bool:
        """Whether the recipient is the account as a whole, which may pass it on."""
        return self.principal_arn == self.consumer_catalog.account

    @property
    def is_cross_account(self) -> bool:
        """Whether the access leaves the owner's account."""
        return self.owner_catalog.account != self.consumer_catalog.account

    @cached_property
    def share(self) -> Share | None:
        return Share(self.owner_catalog, self.consumer) if self.is_cross_account else None

    def build_location(self, uri: str) -> Location | None:
        """The data location of an S3 URI in the owner's catalog; None for anything else."""
        if not uri.startswith("s3://"):
            return None
        path = uri.removeprefix("s3://").rstrip("/")
        return Location(self.owner_catalog, f"arn:aws:s3:::{path}", self.location_role)

    def to_json(self) -> dict[str, str]:
        return {
            "principal_arn": self.principal_arn,
            "principal_id": self.principal_id,
            "consumer": self.consumer_catalog.account,
            "consumer_region": self.consumer_catalog.region,
            "owner": self.owner_catalog.account,
            "region": self.owner_catalog.region,
            "catalog_short_name": self.catalog_short_name,
            "location_role": self.location_role,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Parties":
        return cls(
            value["principal_arn"],
            value["principal_id"],
            DataCatalog(value["consumer"], value["consumer_region"]),
            DataCatalog(value["owner"], value["region"]),
            value["catalog_short_name"],
            value["location_role"],
        )


@dataclass(frozen=True)
class Adoption:
    """That an access was adopted: it is wanted as AWS holds it, and gets no link, no share and no location.

    `companion_permissions` were held with it: DESCRIBE on the same, of an account on its database too, and grant
    options.
    """

    companion_permissions: PermissionColumns = ()

    def to_json(self) -> dict[str, Any]:
        return {"companion_permissions": convert_permission_columns_to_json(self.companion_permissions)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Adoption":
        return cls(parse_permission_columns(value["companion_permissions"]))


ACCESS_KINDS: dict[str, "type[BaseAccess]"] = {}
"""Each kind of access by its name in JSON."""


@dataclass(frozen=True, kw_only=True)
class BaseAccess(ABC):
    """Access of an IAM role or user, or of an account as a whole. See `access.Access` for its kinds.

    `kind` names the kind in JSON; a class that has one is registered by it. `reaches_many_tables`: it may reach further
    tables without another approval. `names_database`: its JSON names the one database that it is about.
    """

    kind: ClassVar[str]
    reaches_many_tables: ClassVar[bool] = False
    names_database: ClassVar[bool] = True

    parties: Parties
    adoption: Adoption | None = None

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "kind" in vars(cls):
            ACCESS_KINDS[cls.kind] = cls

    @property
    def principal_arn(self) -> str:
        return self.parties.principal_arn

    @property
    def owner(self) -> str:
        return self.parties.owner_catalog.account

    @property
    def owner_catalog(self) -> DataCatalog:
        return self.parties.owner_catalog

    @property
    def consumer(self) -> str:
        return self.parties.consumer_catalog.account

    @property
    def consumer_catalog(self) -> DataCatalog:
        return self.parties.consumer_catalog

    @property
    def is_cross_account(self) -> bool:
        """Whether the access leaves the owner's account."""
        return self.parties.is_cross_account

    @property
    def is_account_grant(self) -> bool:
        """Whether the recipient is the account as a whole, which may pass it on."""
        return self.parties.is_account_grant

    @property
    def account_grant(self) -> int:
        """The intent of the account grant that it is passed on from; 0 where the owner grants it."""
        return 0

    @property
    @abstractmethod
    def target(self) -> tuple[str, str]:
        """Database and table as in permissions: `*` for every table, both empty for LF-Tags."""

    @property
    @abstractmethod
    def identities(self) -> Mapping[tuple[str, str], str]:
        """CreateTime of what was approved by name, by target. Another thing of the same name was not approved."""

    @property
    def awaited_tables(self) -> frozenset[tuple[str, str]]:
        """Tables (database, name) that have to be there before anything is granted, whichever they are."""
        return frozenset()

    @property
    def named_tables(self) -> frozenset[tuple[str, str]]:
        """Targets of which a reading has to say whether they are there, and which ones they are."""
        return self.awaited_tables | self.identities.keys()

    @property
    @abstractmethod
    def tables(self) -> frozenset[tuple[str, str]]:
        """The approved tables as (database, table)."""

    @property
    @abstractmethod
    def databases(self) -> frozenset[str]:
        """The databases in which it grants anything."""

    @property
    @abstractmethod
    def data_uris(self) -> tuple[str, ...]:
        """The URIs of the data that it opens, as in Glue."""

    @property
    @abstractmethod
    def table_permission(self) -> tuple[Permission, ColumnSet]:
        """The permission on the table or tables: SELECT, or DESCRIBE where it does not open the data."""

    @property
    def opens_data(self) -> bool:
        """Whether it opens data, not the metadata alone."""
        return True

    @property
    def cells(self) -> Cells:
        """The cells that it opens of each table."""
        return Cells(ALL_COLUMNS, "")

    @property
    def cells_filter(self) -> CellsFilter | None:
        """The filter that the SELECT is granted on, if there is a row filter."""
        return None

    @property
    def opt_in(self) -> OptIn | None:
        """The opt-in that hybrid access mode needs."""
        return None

    @property
    def tag_expression(self) -> TagExpression | None:
        """Of access by LF-Tags, what AWS compares with them at each read."""
        return None

    @property
    def link_database(self) -> LinkDatabase | None:
        """The database of ours that the link to its table lies in."""
        return None

    @property
    def previous_link_naming(self) -> Self | None:
        """The same access with its previous link naming, while that is being replaced."""
        return None

    @property
    def reachable_tables(self) -> frozenset[tuple[str, str]]:
        """Database and name of the tables that it may reach; `*` is every table of the database."""
        return frozenset((database, ALL_TABLES) for database in self.databases)

    @cached_property
    def share(self) -> Share | None:
        return None if self.adoption else self.parties.share

    @cached_property
    def shared_resources(self) -> frozenset[SharedResource]:
        """What a share with the consumer's account must hold; empty where nothing leaves the owner's account."""
        if self.share is None:
            return frozenset()
        granted = (one for one, _columns in self.permissions if one.catalog == self.owner_catalog)
        return frozenset(need for one in granted for need in list_shared_resources(one))

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """One for each database that it reaches, where the consumer's catalog is another."""
        if self.adoption or self.owner_catalog == self.consumer_catalog:
            return ()
        return tuple(self._build_links())

    @abstractmethod
    def _build_links(self) -> Iterator[Link]: ...

    def get_consumer_database(self, database: str) -> str:
        """The database of the consumer's catalog in which tables of the owner's `database` are found."""
        named = (link.consumer_database for link in self.links if link.target_database == database)
        return next(named, database)

    @cached_property
    def registrations(self) -> tuple[Location, ...]:
        """The data locations that must be registered, as far as a path is known."""
        if self.adoption:
            return ()
        return tuple(filter(None, map(self.parties.build_location, self.data_uris)))

    @cached_property
    def permissions(self) -> PermissionColumns:
        """The permissions and, for a plain SELECT, their columns: a round asks for them again and again.

        A SELECT implies DESCRIBE on the table, so none is emitted beside it; DESCRIBE on the database
        is not implied across accounts (AWS, "cross-account notes"). An account takes nothing on its own links.
        """
        if self.adoption:
            return (self.table_permission, *self.adoption.companion_permissions)
        return (*self._list_owner_permissions(), *self.list_link_permissions())

    @abstractmethod
    def _list_owner_permissions(self) -> Iterator[tuple[Permission, ColumnSet]]:
        """The permissions in the owner's catalog."""

    def _list_named_permissions(
        self, database: str, passed_on_by: str = ""
    ) -> Iterator[tuple[Permission, ColumnSet]]:
        """DESCRIBE on the database and the permission on its table or tables, of an account with the grant option too."""
        describe = Permission(
            self.owner_catalog, self.principal_arn, database, "", DESCRIBE, passed_on_by=passed_on_by
        )
        for permission, columns in ((describe, ALL_COLUMNS), self.table_permission):
            yield permission, columns
            if self.is_account_grant:
                yield replace(permission, grantable=True), columns

    def list_link_permissions(self) -> Iterator[tuple[Permission, ColumnSet]]:
        """DESCRIBE on the links and on their database; these alone open none of the owner's data."""
        catalog, who = self.consumer_catalog, self.principal_arn
        for link in () if self.is_account_grant else self.links:
            yield Permission(catalog, who, link.consumer_database, "", DESCRIBE), ALL_COLUMNS
            if link.database:
                yield Permission(catalog, who, link.database, link.name, DESCRIBE), ALL_COLUMNS

    def is_about(self, permission: Permission) -> bool:
        """Whether a permission is about the same table, or about all tables of its database."""
        if permission.catalog != self.owner_catalog:
            return False
        if permission.table == ALL_TABLES:
            return permission.database in self.databases
        return (permission.database, permission.table) in self.tables

    def to_json(self) -> dict[str, Any]:
        """See `access.parse_access`. What is not set is left out."""
        adoption = {"adoption": self.adoption.to_json()} if self.adoption else {}
        return {"kind": self.kind, **self.parties.to_json(), **self._own_json(), **adoption}

    @abstractmethod
    def _own_json(self) -> dict[str, Any]:
        """The members of this kind."""

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """TypeError for a member that is not one of this kind."""
        own = {name: part for name, part in value.items() if name not in PARTY_MEMBERS and name != "kind"}
        if "adoption" in own:
            own["adoption"] = Adoption.from_json(own["adoption"])
        return cls(parties=Parties.from_json(value), **cls._parse_own(own))

    @classmethod
    @abstractmethod
    def _parse_own(cls, value: dict[str, Any]) -> dict[str, Any]:
        """The members of this kind as fields."""


@dataclass(frozen=True, kw_only=True)
class ManyTablesAccess(BaseAccess):
    """Access that may reach further tables without another approval."""

    reaches_many_tables = True
    reports_narrowing: ClassVar[bool] = False
    """Whether a table that it no longer reaches, but still exists, is reported."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What it reaches, in a sentence: "through ..."."""

    @property
    @abstractmethod
    def later_name(self) -> str:
        """What it will reach without another approval, at the beginning of a sentence."""

    account_refusal: ClassVar[str]
    """What is not granted to a whole account, with its verb."""
