"""What an approved request wants to be true, and which atoms that is."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

from lakeformation.access.link_naming import landing_name, link_name
from lakeformation.values.column_sets import EVERY, NONE, ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.locations import Location
from lakeformation.values.permissions import ALL_TABLES, DESCRIBE, SELECT, OptIn, Permission, Place
from lakeformation.values.resource_links import LandingDatabase, Link, Share
from lakeformation.values.tag_expressions import Reach, TagPolicy

LATER = frozenset(
    {
        "row_rule",
        "metadata_only",
        "in_hybrid_mode",
        "adopted",
        "envelope",
        "by_tags",
        "grows",
        "inside",
        "beside",
        "by_table",
        "moved",
    }
)
Beside = tuple[tuple[Permission, ColumnSet], ...]
"""Permissions that go with another, with their columns."""


@dataclass(frozen=True)
class Inside:
    """What a database held when every table of it, later ones too, was agreed to: the names of its tables, and the
    S3 URIs of their data.
    """

    tables: tuple[str, ...]
    locations: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {"tables": list(self.tables), "locations": list(self.locations)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Inside":
        return cls(tuple(value["tables"]), tuple(value["locations"]))


@dataclass(frozen=True)
class Access:
    """Access of an IAM role or user to a table, or to all tables of a database; or of an account as a whole.

    `table_created` is the identity of the table (Glue's CreateTime), `principal_id` that of the
    principal (RoleId): neither is healed when it changes. `location` is the table's S3 URI.

    `row_rule` is the canonical text of the rule that rows must pass; empty: all rows. `metadata_only`: the
    table may be seen, its data may not. `in_hybrid_mode`: the data lie where Lake Formation decides only for
    principals that opted in, as far as it was known then (`lakeformation.planning.hybrid_mode` has it as it is now). `adopted`: somebody granted it behind the portal, and its owner took it over: it is
    the permission as it stood, with what was held `beside` it: DESCRIBE on the same, and of an account also DESCRIBE on
    the database, and the options to pass any of these on. Nothing is made for its sake.

    Where `principal_arn` is the consumer's account id, it is an envelope: the account may pass it on to whom it
    wants inside of it, and nobody reads anything by it alone. `envelope` is the intent of the one that the
    consumer's account passes this access on from; 0 where the owner grants it.

    `grows`: the whole table was agreed to, and columns that come later join `columns` when they are let in; until
    then AWS keeps them shut.

    `by_tags`: not one table, but whatever an LF-Tag expression reaches; `database`, `table` and `location` are
    empty then. `inside`: every table of `database`, those yet to come too; `table` is `*` then, `table_created` the
    identity of the database, and `location` empty.

    `by_table`: where it lands in another catalog, each table is a link of its own, in a database of ours there, and not
    found behind a link to the owner's database. What reaches many tables has members that come and go, and always lands
    by links to databases. `moved`: it landed the other way before, and what is left of that goes once this stands.
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
    row_rule: str = ""
    metadata_only: bool = False
    in_hybrid_mode: bool = False
    adopted: bool = False
    envelope: int = 0
    by_tags: Reach | None = None
    grows: bool = False
    inside: Inside | None = None
    beside: Beside = ()
    by_table: bool = False
    moved: bool = False

    @property
    def is_envelope(self) -> bool:
        """Whether it is given to the account, to be passed on."""
        return self.principal_arn == self.consumer

    @property
    def passable(self) -> ColumnSet:
        """Of an envelope on one table, the columns that the account may pass on: all but of an adopted one, where AWS
        may hold the option for some of them, or for none.
        """
        if not self.adopted:
            return self.columns
        option = replace(self.on_table[0], grantable=True)
        return NONE if self.metadata_only else dict(self.beside).get(option, NONE)

    @property
    def through(self) -> str:
        """The account that passes it on; empty where the owner grants it."""
        return self.consumer if self.envelope else ""

    @cached_property
    def place(self) -> Place:
        return Place(self.owner, self.region)

    @cached_property
    def landing(self) -> Place:
        return Place(self.consumer, self.consumer_region)

    @property
    def is_shared(self) -> bool:
        """Whether the access leaves the owner's account."""
        return self.owner != self.consumer

    @cached_property
    def share(self) -> Share | None:
        return Share(self.place, self.consumer) if self.is_shared and not self.adopted else None

    @cached_property
    def link(self) -> Link | None:
        if self.place == self.landing or self.adopted or self.by_tags:
            return None
        if self.by_table and not self.inside:
            where = landing_name(self.database, self.place)
            return Link(self.landing, self.table, self.place, self.database, where, self.table)
        return self._link(self.database)

    @cached_property
    def landing_database(self) -> LandingDatabase | None:
        """The database that the link to its table lies in."""
        if not self.link or not self.link.database:
            return None
        return LandingDatabase(self.landing, self.link.database, self.place, self.database)

    @property
    def found_in(self) -> str:
        """The database in which its tables are found in the consumer's catalog. Of LF-Tags there are several."""
        return self.link.lands_in if self.link else self.database

    @cached_property
    def left(self) -> "Access | None":
        """The same as it landed before it moved."""
        return replace(self, by_table=not self.by_table, moved=False) if self.moved and self.link else None

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """One for each database that it reaches, where the consumer's catalog is another."""
        if self.by_tags and self.place != self.landing and not self.adopted:
            return tuple(self._link(database) for database in self.by_tags.databases)
        return (self.link,) if self.link else ()

    def _link(self, database: str) -> Link:
        return Link(self.landing, link_name(database, self.place), self.place, database)

    @cached_property
    def registration(self) -> Location | None:
        """The data location that must be registered, or None where no data are read or no path is known."""
        return None if self.metadata_only or self.adopted else self._location(self.location)

    @cached_property
    def registrations(self) -> tuple[Location, ...]:
        """All of them: LF-Tags reach many tables, and so does a database."""
        if (many := self.by_tags or self.inside) and not self.adopted:
            return tuple(filter(None, map(self._location, many.locations)))
        return (self.registration,) if self.registration else ()

    def _location(self, uri: str) -> Location | None:
        if not uri.startswith("s3://"):
            return None
        return Location(
            self.place, f"arn:aws:s3:::{uri.removeprefix('s3://').rstrip('/')}", self.location_role
        )

    @cached_property
    def cells_filter(self) -> CellsFilter | None:
        """The filter that the SELECT is held on, where a rule says which rows."""
        if not self.row_rule or self.metadata_only:
            return None
        return CellsFilter.named(self.place, self.database, self.table, self.row_rule, self.columns)

    @cached_property
    def opt_in(self) -> OptIn | None:
        """What hybrid access mode needs besides; the metadata need none."""
        if not self.in_hybrid_mode or self.metadata_only or self.adopted:
            return None
        return OptIn(self.place, self.principal_arn, self.database, self.table)

    @cached_property
    def permissions(self) -> tuple[tuple[Permission, ColumnSet], ...]:
        """The permissions and, for a plain SELECT, their columns: a round asks for them again and again.

        A SELECT implies DESCRIBE on the table, so none is emitted beside it; DESCRIBE on the database
        is not implied across accounts (AWS, "cross-account notes"). An account takes nothing on its own links.
        """
        if self.adopted:
            return tuple(self._adopted())
        return tuple(self._of_tags(self.by_tags) if self.by_tags else self._named())

    def _named(self) -> Iterator[tuple[Permission, ColumnSet]]:
        who = self.principal_arn
        database = Permission(self.place, who, self.database, "", DESCRIBE, through=self.through)
        for permission, columns in ((database, EVERY), self.on_table):
            yield permission, columns
            if self.is_envelope:
                yield replace(permission, grantable=True), columns
        yield from self.on_landing()

    def on_landing(self) -> Iterator[tuple[Permission, ColumnSet]]:
        """DESCRIBE on the links, and on the database that they lie in: nobody sees anything of the owner's by these."""
        for link in () if self.is_envelope else self.links:
            yield Permission(self.landing, self.principal_arn, link.lands_in, "", DESCRIBE), EVERY
            if link.database:
                yield Permission(self.landing, self.principal_arn, link.database, link.name, DESCRIBE), EVERY

    def _adopted(self) -> Iterator[tuple[Permission, ColumnSet]]:
        if self.by_tags:
            policy = TagPolicy("TABLE", self.by_tags.expression)
            yield Permission(self.place, self.principal_arn, "", "", SELECT, policy=policy), EVERY
        else:
            yield self.on_table
        yield from self.beside

    def approved(self) -> Iterator[tuple[Permission, ColumnSet]]:
        """The permissions as far as they were agreed to: of one that grows, every column."""
        for permission, columns in self.permissions:
            yield permission, EVERY if self.grows and permission.verb == SELECT else columns

    def _of_tags(self, reach: Reach) -> Iterator[tuple[Permission, ColumnSet]]:
        """The two halves. A database whose tables carry the tags, while it does not, is named: see `permissions`."""
        who = self.principal_arn
        for kind, verb in (("DATABASE", DESCRIBE), ("TABLE", SELECT), ("TABLE", DESCRIBE)):
            yield Permission(self.place, who, "", "", verb, policy=TagPolicy(kind, reach.expression)), EVERY
        for database in reach.untagged:
            yield Permission(self.place, who, database, "", DESCRIBE), EVERY
        yield from self.on_landing()

    @property
    def tables(self) -> frozenset[tuple[str, str]]:
        """What it was agreed to for, by database and table."""
        if self.inside:
            return frozenset((self.database, name) for name in self.inside.tables)
        return frozenset(self.by_tags.tables if self.by_tags else {(self.database, self.table)})

    @property
    def reaches_many(self) -> bool:
        """Whether it is of no single table: more may come to it without another word."""
        return self.by_tags is not None or self.inside is not None

    @property
    def databases(self) -> frozenset[str]:
        return frozenset(self.by_tags.databases if self.by_tags else {self.database})

    @property
    def reachable(self) -> frozenset[tuple[str, str]]:
        """Database and name of the tables that it may reach; `*` is every table of the database."""
        table = ALL_TABLES if self.by_tags else self.table
        return frozenset((database, table) for database in self.databases)

    @property
    def on_table(self) -> tuple[Permission, ColumnSet]:
        """What is held on the table itself: SELECT on columns or on a filter, or DESCRIBE."""
        verb = DESCRIBE if self.metadata_only else SELECT
        name = self.cells_filter.name if self.cells_filter else ""
        whole = self.metadata_only or bool(name) or self.table == ALL_TABLES
        held = Permission(
            self.place, self.principal_arn, self.database, self.table, verb, cells_filter=name,
            through=self.through,
        )  # fmt: skip
        return held, EVERY if whole else self.columns

    def reaches(self, permission: Permission) -> bool:
        """Whether a permission is about the same table, or about all tables of its database."""
        if permission.place != self.place:
            return False
        if permission.table == ALL_TABLES:
            return permission.database in self.databases
        return (permission.database, permission.table) in self.tables

    def to_json(self) -> dict[str, Any]:
        """What an older release does not know is left out where it says nothing: stored digests stay good."""
        many = {
            "by_tags": self.by_tags.to_json() if self.by_tags else None,
            "inside": self.inside.to_json() if self.inside else None,
            "beside": [{**one.to_json(), "columns": columns.to_json()} for one, columns in self.beside],
        }
        value = {**asdict(self), "columns": self.columns.to_json(), **many}
        return {name: part for name, part in value.items() if part or name not in LATER}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Access":
        by_tags = Reach.from_json(value["by_tags"]) if "by_tags" in value else None
        inside = Inside.from_json(value["inside"]) if "inside" in value else None
        told = {
            "columns": ColumnSet.from_json(value["columns"]),
            "beside": tuple(
                (Permission.from_json(one), ColumnSet.from_json(one["columns"]))
                for one in value.get("beside", ())
            ),
        }
        return cls(**{**value, **told, "by_tags": by_tags, "inside": inside})
