"""Resource links, the databases that hold them, and the shares that they need."""

from dataclasses import dataclass
from typing import Any

from lakeformation.values.permissions import Place

LANDING = "meshmarket_landing"
"""The parameter by which a database is known as a landing database of ours."""


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
