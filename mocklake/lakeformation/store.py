"""All that Lake Formation holds, one book for each (account, region).

A book has the rows its account granted: on its own catalog, and, delegated, on catalogs shared with it.
Every look-up by principal and resource is a dictionary's; the order of making is kept for paging.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from mocklake.catalog_ids import owner_of
from mocklake.lakeformation.resources import Columns, Expression, Kind, Resource, catalog_resource
from mocklake.lakeformation.selections import Selection
from mocklake.world import World

IAM_ALLOWED_PRINCIPALS = "IAM_ALLOWED_PRINCIPALS"
BY_TAGS = (Kind.LF_TAG, Kind.LF_TAG_POLICY_DATABASE, Kind.LF_TAG_POLICY_TABLE)
INSIDE_DATABASE = (Kind.TABLE, Kind.DATA_CELLS_FILTER)
EVERYONE_ALL = {
    "Principal": {"DataLakePrincipalIdentifier": IAM_ALLOWED_PRINCIPALS},
    "Permissions": ["ALL"],
}


def keyed(principal: str, condition: str) -> str:
    """A principal's rows with a condition lie beside its row without one."""
    return f"{principal} if {condition}" if condition else principal


@dataclass
class Row:
    """All that one principal holds on one resource; `shared` are the ARNs it needs in a RAM share."""

    principal: str
    resource: Resource
    serial: int
    updated_at: datetime
    updated_by: str
    verbs: set[str] = field(default_factory=set)
    grantable: set[str] = field(default_factory=set)
    selections: list[Selection] = field(default_factory=list)
    receiver: str = ""
    share: str = ""
    """The ARN of the RAM share that it was put into."""
    condition: str = ""
    """An expression that AWS would ask about at each access; here such a row is kept and opens nothing."""
    by_policy: bool = False
    """Open by the catalog's resource policy instead (LF-Tags below cross-account version 3)."""
    shared: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return keyed(self.principal, self.condition)

    @property
    def is_empty(self) -> bool:
        return not (self.verbs or self.grantable or self.selections)


@dataclass
class Location:
    """A registered S3 location; `body` holds the ResourceInfo members as they are answered."""

    arn: str
    body: dict[str, Any]


@dataclass
class LFTag:
    """`creator` holds implicit rights on the tag, as on anything created."""

    key: str
    values: list[str]
    creator: str


@dataclass(frozen=True)
class OptIn:
    """One with a condition is kept and counts for nothing here."""

    principal: str
    condition: str
    serial: int
    made_at: datetime
    made_by: str


@dataclass
class LFTagExpression:
    """A named expression: whoever is granted it follows its `body` as it is at each moment."""

    name: str
    body: Expression
    description: str
    creator: str


@dataclass
class DataCellsFilter:
    """`columns` is None for all columns, `expression` for all rows; `condition` is the expression in SQL."""

    name: str
    columns: Columns | None
    expression: str | None
    condition: str | None
    version: int = 1


@dataclass(frozen=True)
class RLSPolicy:
    """A row-level security policy. `columns` are names and types that it is declared to look at."""

    name: str
    columns: tuple[tuple[str, str], ...]
    expression: str
    creator: str


@dataclass(frozen=True)
class RLSAttachment:
    """A policy on a table, or on tables by LF-Tags: for a principal, under a condition, or as the table's default."""

    policy: str
    resource: Resource
    principal: str
    condition: str
    is_default: bool
    serial: int

    @property
    def key(self) -> tuple[str, Resource, str, str, bool]:
        return self.policy, self.resource, self.principal, self.condition, self.is_default


Tagged = tuple[str, str, str]
"""(database, table or "", column or "")"""


def default_settings() -> dict[str, Any]:
    """Describes a fresh account: open to whatever IAM allows, cross-account version 1 (DG:optimize-ram)."""
    return {
        "DataLakeAdmins": [],
        "ReadOnlyAdmins": [],
        "CreateDatabaseDefaultPermissions": [EVERYONE_ALL],
        "CreateTableDefaultPermissions": [EVERYONE_ALL],
        "Parameters": {"CROSS_ACCOUNT_VERSION": "1", "SET_CONTEXT": "TRUE"},
        "TrustedResourceOwners": [],
        "AllowExternalDataFiltering": False,
        "AllowFullTableExternalDataAccess": False,
        "ExternalDataFilteringAllowList": [],
        "AuthorizedSessionTagValueList": [],
    }


@dataclass
class Book:
    settings: dict[str, Any] = field(default_factory=default_settings)
    on: dict[Resource, dict[str, Row]] = field(default_factory=dict)
    """Rows by resource, then principal."""
    by_serial: dict[int, Row] = field(default_factory=dict)
    serials: list[int] = field(default_factory=list)
    next_serial: int = 1
    inside: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """How many rows on tables and filters a (principal, catalog, database) has: they let it see the database."""
    needs: defaultdict[str, Counter[str]] = field(default_factory=partial(defaultdict, Counter))
    """How many rows need an ARN in a share."""
    locations: dict[str, Location] = field(default_factory=dict)
    opt_ins: dict[tuple[str, Resource], OptIn] = field(default_factory=dict)
    """By principal and the database or table."""
    tags: dict[str, LFTag] = field(default_factory=dict)
    tagged: dict[Tagged, dict[str, str]] = field(default_factory=dict)
    expressions: dict[str, LFTagExpression] = field(default_factory=dict)
    by_tags: dict[str, dict[Resource, Row]] = field(default_factory=dict)
    """Rows on LF-Tags and tag policies, by principal."""
    identity_center: dict[str, Any] | None = None
    """The configuration as it is described; None where Lake Formation is not connected to Identity Center."""
    filters: dict[Resource, dict[str, DataCellsFilter]] = field(default_factory=dict)
    """By table, then name: those that this account made, on its own tables or on shared ones."""
    listed_only: tuple[dict[str, Any], ...] = ()
    """Rows that are listed as they are and open nothing; with a default of the class, as older snapshots lack them."""
    rls_policies: tuple[RLSPolicy, ...] = ()
    """Row-level security policies by name; tuples, for older snapshots as well."""
    rls_attachments: tuple[RLSAttachment, ...] = ()
    """In the order of their making."""

    @property
    def version(self) -> str:
        return str(self.settings["Parameters"]["CROSS_ACCOUNT_VERSION"])

    def find(self, principal: str, resource: Resource) -> Row | None:
        return self.on.get(resource, {}).get(principal)

    def of(self, principal: str, places: Iterable[Resource]) -> list[Row]:
        """What a principal holds on each of these, where it holds anything."""
        found = (self.find(principal, place) for place in places)
        return [row for row in found if row is not None]

    def row(self, principal: str, resource: Resource, *, now: datetime, by: str, condition: str = "") -> Row:
        """The row, made if there is none, and marked as written now."""
        key = keyed(principal, condition)
        row = self.find(key, resource)
        if row is None:
            row = Row(principal, resource, self.next_serial, now, by, condition=condition)
            self.next_serial += 1
            self.on.setdefault(resource, {})[key] = row
            self.by_serial[row.serial] = row
            self.serials.append(row.serial)
            if resource.kind in BY_TAGS:
                self.by_tags.setdefault(key, {})[resource] = row
            if resource.kind in INSIDE_DATABASE:
                self.inside[key, resource.catalog_id, resource.database] += 1
        row.updated_at, row.updated_by = now, by
        return row

    def drop(self, row: Row) -> None:
        holders = self.on[row.resource]
        del holders[row.key]
        if not holders:
            del self.on[row.resource]
        del self.by_serial[row.serial]
        del self.serials[bisect_left(self.serials, row.serial)]
        if row.resource.kind in BY_TAGS:
            del self.by_tags[row.key][row.resource]
        if row.resource.kind in INSIDE_DATABASE:
            self.inside[row.key, row.resource.catalog_id, row.resource.database] -= 1
        self.needs[row.share].subtract(row.shared)

    def rows_from(self, serial: int, resource: Resource | None = None) -> Iterator[Row]:
        """Rows in the order of their making, from a serial on."""
        if resource is not None:
            rows = sorted(self.on.get(resource, {}).values(), key=lambda row: row.serial)
            yield from (row for row in rows if row.serial >= serial)
            return
        for index in range(bisect_left(self.serials, serial), len(self.serials)):
            yield self.by_serial[self.serials[index]]


@dataclass
class Store:
    books: dict[tuple[str, str], Book] = field(default_factory=dict)


def new_store() -> Store:
    return Store()


def store_of(world: World) -> Store:
    store: Store = world.stores["lakeformation"]
    return store


def book_of(world: World, catalog_id: str, region: str) -> Book:
    """An account has one for all its catalogs.

    A fresh account lets everyone whom IAM allows create databases, until that row is revoked.
    """
    books, account = store_of(world).books, owner_of(catalog_id)
    if (account, region) not in books:
        book = books[account, region] = Book()
        epoch = datetime.fromtimestamp(0, UTC)
        row = book.row(IAM_ALLOWED_PRINCIPALS, catalog_resource(account), now=epoch, by="")
        row.verbs.add("CREATE_DATABASE")
    return books[account, region]
