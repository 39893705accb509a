"""What an approved request wants to be true, and which atoms that is."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from lakeformation.atoms import ALL_TABLES, DESCRIBE, SELECT, Link, Location, Permission, Place, Share
from lakeformation.columns import EVERY, ColumnSet


@dataclass(frozen=True)
class Access:
    """Direct access of an IAM role or user to a table, or to all tables of a database.

    `table_created` is the identity of the table (Glue's CreateTime), `principal_id` that of the
    principal (RoleId): neither is healed when it changes. `location` is the table's S3 URI.
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

    @property
    def place(self) -> Place:
        return Place(self.owner, self.region)

    @property
    def landing(self) -> Place:
        return Place(self.consumer, self.consumer_region)

    @property
    def is_shared(self) -> bool:
        """Whether the access leaves the owner's account."""
        return self.owner != self.consumer

    @property
    def share(self) -> Share | None:
        return Share(self.place, self.consumer) if self.is_shared else None

    @property
    def link(self) -> Link | None:
        if self.place == self.landing:
            return None
        return Link(self.landing, link_name(self.database, self.place), self.place, self.database)

    @property
    def registration(self) -> Location | None:
        """The data location that must be registered, or None where no path is known."""
        if not self.location.startswith("s3://"):
            return None
        path = self.location.removeprefix("s3://").rstrip("/")
        return Location(self.place, f"arn:aws:s3:::{path}", self.location_role)

    def permissions(self) -> Iterator[tuple[Permission, ColumnSet]]:
        """The permissions and, for SELECT, their columns.

        A partial SELECT implies DESCRIBE on the table, so none is emitted; DESCRIBE on the database
        is not implied across accounts (AWS, "cross-account notes").
        """
        who = self.principal_arn
        yield Permission(self.place, who, self.database, "", DESCRIBE), EVERY
        columns = EVERY if self.table == ALL_TABLES else self.columns
        yield Permission(self.place, who, self.database, self.table, SELECT), columns
        if self.link:
            yield Permission(self.landing, who, self.link.name, "", DESCRIBE), EVERY

    def reaches(self, permission: Permission) -> bool:
        """Whether a permission is about the same table, or about all tables of its database."""
        table = (permission.place, permission.database) == (self.place, self.database)
        return table and permission.table in {self.table, ALL_TABLES}

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "columns": self.columns.to_json()}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Access":
        return cls(**{**value, "columns": ColumnSet.from_json(value["columns"])})


def link_name(database: str, target: Place) -> str:
    """`<database>_<8 hex of the owner's catalog>`: links of two owners never collide."""
    tail = hashlib.sha256(f"{target.account}/{target.region}".encode()).hexdigest()[:8]
    return f"{database}_{tail}"
