"""The access that an approved request grants, and the permissions it consists of."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

from lakeformation.access.link_naming import link_database_name, link_name
from lakeformation.values.column_sets import ALL_COLUMNS, NO_COLUMNS, ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.locations import Location
from lakeformation.values.permissions import ALL_TABLES, DESCRIBE, SELECT, DataCatalog, OptIn, Permission
from lakeformation.values.resource_links import Link, LinkDatabase, Share
from lakeformation.values.tag_expressions import TagPolicy, TagReach

OPTIONAL_FIELDS = frozenset(
    {
        "row_filter",
        "metadata_only",
        "in_hybrid_mode",
        "adopted",
        "account_grant",
        "tag_reach",
        "holds_new_columns",
        "whole_database",
        "companion_permissions",
        "uses_table_links",
        "link_naming_changed",
    }
)
PermissionColumns = tuple[tuple[Permission, ColumnSet], ...]
"""Permissions with their columns."""


@dataclass(frozen=True)
class WholeDatabase:
    """A database's tables when access to every table, later ones too, was approved: their names, and the
    S3 URIs of their data.
    """

    tables: tuple[str, ...]
    locations: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {"tables": list(self.tables), "locations": list(self.locations)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "WholeDatabase":
        return cls(tuple(value["tables"]), tuple(value["locations"]))


@dataclass(frozen=True)
class Access:
    """Access of an IAM role or user to a table, or to all tables of a database; or of an account as a whole.

    `table_created` is the identity of the table (Glue's CreateTime), `principal_id` that of the
    principal (RoleId): neither is repaired when it changes. `location` is the table's S3 URI.

    `row_filter` is the canonical text of the condition that rows must pass; empty: all rows. `metadata_only`:
    the table may be seen, its data may not. `in_hybrid_mode`: the data lie where Lake Formation decides only
    for principals that opted in, as known at the approval; see `planning.hybrid_mode`. `adopted`: its owner
    adopted it. It is the permission as it was held outside the portal. `companion_permissions` were held with
    it: DESCRIBE on the same, of an account on its database too, and grant options. It gets no links.

    Where `principal_arn` is the consumer's account id, it is an account grant: the account may pass it on to whom it
    wants inside of it, and nobody reads anything by it alone. `account_grant` is the intent of the one that the
    consumer's account passes this access on from; 0 where the owner grants it.

    `holds_new_columns`: the whole table was approved, and later columns join `columns` when released; until
    then AWS keeps them shut.

    `tag_reach`: not one table, but whatever an LF-Tag expression reaches; `database`, `table` and `location` are
    empty then. `whole_database`: every table of `database`, those yet to come too; `table` is `*` then, `table_created` the
    identity of the database, and `location` empty.

    `uses_table_links`: in another catalog, each table is a link of its own in a link database of ours, and
    not found behind a link to the owner's database. What reaches many tables always uses links to databases,
    as its members come and go. `link_naming_changed`: old links go once the new ones exist.
    """

    principal_arn: str
    principal_id: str
    consumer: str
    consumer_region: str
    owner: str
    region: str
    catalog_short_name: str
    database: str
    table: str
    table_created: str
    columns: ColumnSet
    location: str = ""
    location_role: str = ""
    row_filter: str = ""
    metadata_only: bool = False
    in_hybrid_mode: bool = False
    adopted: bool = False
    account_grant: int = 0
    tag_reach: TagReach | None = None
    holds_new_columns: bool = False
    whole_database: WholeDatabase | None = None
    companion_permissions: PermissionColumns = ()
    uses_table_links: bool = False
    link_naming_changed: bool = False

    @property
    def is_account_grant(self) -> bool:
        """Whether the recipient is the account as a whole, which may pass it on."""
        return self.principal_arn == self.consumer

    @property
    def grantable_columns(self) -> ColumnSet:
        """Of an account grant on one table, the columns that it may pass on: all, unless it was adopted: then
        AWS may hold the option for some of them, or for none.
        """
        if not self.adopted:
            return self.columns
        option = replace(self.table_permission[0], grantable=True)
        return NO_COLUMNS if self.metadata_only else dict(self.companion_permissions).get(option, NO_COLUMNS)

    @property
    def passed_on_by(self) -> str:
        """The account that passes it on; empty where the owner grants it."""
        return self.consumer if self.account_grant else ""

    @cached_property
    def owner_catalog(self) -> DataCatalog:
        return DataCatalog(self.owner, self.region)

    @cached_property
    def consumer_catalog(self) -> DataCatalog:
        return DataCatalog(self.consumer, self.consumer_region)

    @property
    def is_cross_account(self) -> bool:
        """Whether the access leaves the owner's account."""
        return self.owner != self.consumer

    @cached_property
    def share(self) -> Share | None:
        return (
            Share(self.owner_catalog, self.consumer) if self.is_cross_account and not self.adopted else None
        )

    @cached_property
    def link(self) -> Link | None:
        if self.owner_catalog == self.consumer_catalog or self.adopted or self.tag_reach:
            return None
        if self.uses_table_links and not self.whole_database:
            where = link_database_name(self.database, self.owner_catalog)
            return Link(
                self.consumer_catalog, self.table, self.owner_catalog, self.database, where, self.table
            )
        return self._build_link(self.database)

    @cached_property
    def link_database(self) -> LinkDatabase | None:
        """The database that the link to its table lies in."""
        if not self.link or not self.link.database:
            return None
        return LinkDatabase(self.consumer_catalog, self.link.database, self.owner_catalog, self.database)

    @property
    def consumer_database(self) -> str:
        """The database in which its tables are found in the consumer's catalog. Of LF-Tags there are several."""
        return self.link.consumer_database if self.link else self.database

    @cached_property
    def previous_link_naming(self) -> "Access | None":
        """The same access with its previous link naming, while that is being replaced."""
        return (
            replace(self, uses_table_links=not self.uses_table_links, link_naming_changed=False)
            if self.link_naming_changed and self.link
            else None
        )

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """One for each database that it reaches, where the consumer's catalog is another."""
        if self.tag_reach and self.owner_catalog != self.consumer_catalog and not self.adopted:
            return tuple(self._build_link(database) for database in self.tag_reach.databases)
        return (self.link,) if self.link else ()

    def _build_link(self, database: str) -> Link:
        return Link(
            self.consumer_catalog, link_name(database, self.owner_catalog), self.owner_catalog, database
        )

    @cached_property
    def registration(self) -> Location | None:
        """The data location that must be registered, or None where no data are read or no path is known."""
        return None if self.metadata_only or self.adopted else self._build_location(self.location)

    @cached_property
    def registrations(self) -> tuple[Location, ...]:
        """The data locations of all reached tables."""
        if (many := self.tag_reach or self.whole_database) and not self.adopted:
            return tuple(filter(None, map(self._build_location, many.locations)))
        return (self.registration,) if self.registration else ()

    def _build_location(self, uri: str) -> Location | None:
        if not uri.startswith("s3://"):
            return None
        return Location(
            self.owner_catalog, f"arn:aws:s3:::{uri.removeprefix('s3://').rstrip('/')}", self.location_role
        )

    @cached_property
    def cells_filter(self) -> CellsFilter | None:
        """The filter that the SELECT is granted on, if there is a row filter."""
        if not self.row_filter or self.metadata_only:
            return None
        return CellsFilter.with_generated_name(
            self.owner_catalog, self.database, self.table, self.row_filter, self.columns
        )

    @cached_property
    def opt_in(self) -> OptIn | None:
        """The opt-in that hybrid access mode needs; metadata need none."""
        if not self.in_hybrid_mode or self.metadata_only or self.adopted:
            return None
        return OptIn(self.owner_catalog, self.principal_arn, self.database, self.table)

    @cached_property
    def permissions(self) -> tuple[tuple[Permission, ColumnSet], ...]:
        """The permissions and, for a plain SELECT, their columns: a round asks for them again and again.

        A SELECT implies DESCRIBE on the table, so none is emitted beside it; DESCRIBE on the database
        is not implied across accounts (AWS, "cross-account notes"). An account takes nothing on its own links.
        """
        if self.adopted:
            return tuple(self._list_adopted_permissions())
        return tuple(
            self._list_tag_permissions(self.tag_reach) if self.tag_reach else self._list_named_permissions()
        )

    def _list_named_permissions(self) -> Iterator[tuple[Permission, ColumnSet]]:
        who = self.principal_arn
        database = Permission(
            self.owner_catalog, who, self.database, "", DESCRIBE, passed_on_by=self.passed_on_by
        )
        for permission, columns in ((database, ALL_COLUMNS), self.table_permission):
            yield permission, columns
            if self.is_account_grant:
                yield replace(permission, grantable=True), columns
        yield from self.list_link_permissions()

    def list_link_permissions(self) -> Iterator[tuple[Permission, ColumnSet]]:
        """DESCRIBE on the links and on their database; these alone open none of the owner's data."""
        for link in () if self.is_account_grant else self.links:
            yield (
                Permission(self.consumer_catalog, self.principal_arn, link.consumer_database, "", DESCRIBE),
                ALL_COLUMNS,
            )
            if link.database:
                yield (
                    Permission(self.consumer_catalog, self.principal_arn, link.database, link.name, DESCRIBE),
                    ALL_COLUMNS,
                )

    def _list_adopted_permissions(self) -> Iterator[tuple[Permission, ColumnSet]]:
        if self.tag_reach:
            policy = TagPolicy("TABLE", self.tag_reach.expression)
            yield (
                Permission(self.owner_catalog, self.principal_arn, "", "", SELECT, policy=policy),
                ALL_COLUMNS,
            )
        else:
            yield self.table_permission
        yield from self.companion_permissions

    def list_approved_permissions(self) -> Iterator[tuple[Permission, ColumnSet]]:
        """The approved permissions: every column where new columns are held."""
        for permission, columns in self.permissions:
            yield permission, ALL_COLUMNS if self.holds_new_columns and permission.verb == SELECT else columns

    def _list_tag_permissions(self, reach: TagReach) -> Iterator[tuple[Permission, ColumnSet]]:
        """Permissions by database and by table expression. Databases without the tags are named; see `permissions`."""
        who = self.principal_arn
        for kind, verb in (("DATABASE", DESCRIBE), ("TABLE", SELECT), ("TABLE", DESCRIBE)):
            yield (
                Permission(self.owner_catalog, who, "", "", verb, policy=TagPolicy(kind, reach.expression)),
                ALL_COLUMNS,
            )
        for database in reach.untagged:
            yield Permission(self.owner_catalog, who, database, "", DESCRIBE), ALL_COLUMNS
        yield from self.list_link_permissions()

    @property
    def tables(self) -> frozenset[tuple[str, str]]:
        """The approved tables as (database, table)."""
        if self.whole_database:
            return frozenset((self.database, name) for name in self.whole_database.tables)
        return frozenset(self.tag_reach.tables if self.tag_reach else {(self.database, self.table)})

    @property
    def reaches_many_tables(self) -> bool:
        """Whether it may reach further tables without another approval."""
        return self.tag_reach is not None or self.whole_database is not None

    @property
    def databases(self) -> frozenset[str]:
        return frozenset(self.tag_reach.databases if self.tag_reach else {self.database})

    @property
    def reachable_tables(self) -> frozenset[tuple[str, str]]:
        """Database and name of the tables that it may reach; `*` is every table of the database."""
        table = ALL_TABLES if self.tag_reach else self.table
        return frozenset((database, table) for database in self.databases)

    @property
    def table_permission(self) -> tuple[Permission, ColumnSet]:
        """The permission on the table itself: SELECT on columns or on a filter, or DESCRIBE."""
        verb = DESCRIBE if self.metadata_only else SELECT
        name = self.cells_filter.name if self.cells_filter else ""
        whole = self.metadata_only or bool(name) or self.table == ALL_TABLES
        held = Permission(
            self.owner_catalog, self.principal_arn, self.database, self.table, verb, cells_filter=name,
            passed_on_by=self.passed_on_by,
        )  # fmt: skip
        return held, ALL_COLUMNS if whole else self.columns

    def is_about(self, permission: Permission) -> bool:
        """Whether a permission is about the same table, or about all tables of its database."""
        if permission.catalog != self.owner_catalog:
            return False
        if permission.table == ALL_TABLES:
            return permission.database in self.databases
        return (permission.database, permission.table) in self.tables

    def to_json(self) -> dict[str, Any]:
        """Empty optional fields are left out, so that stored digests stay valid."""
        many = {
            "tag_reach": self.tag_reach.to_json() if self.tag_reach else None,
            "whole_database": self.whole_database.to_json() if self.whole_database else None,
            "companion_permissions": [
                {**one.to_json(), "columns": columns.to_json()} for one, columns in self.companion_permissions
            ],
        }
        value = {**asdict(self), "columns": self.columns.to_json(), **many}
        return {name: part for name, part in value.items() if part or name not in OPTIONAL_FIELDS}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Access":
        by_tags = TagReach.from_json(value["tag_reach"]) if "tag_reach" in value else None
        inside = WholeDatabase.from_json(value["whole_database"]) if "whole_database" in value else None
        told = {
            "columns": ColumnSet.from_json(value["columns"]),
            "companion_permissions": tuple(
                (Permission.from_json(one), ColumnSet.from_json(one["columns"]))
                for one in value.get("companion_permissions", ())
            ),
        }
        return cls(**{**value, **told, "tag_reach": by_tags, "whole_database": inside})
