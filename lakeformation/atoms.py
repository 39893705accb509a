"""The smallest things that can be true in AWS: a permission, a link, an accepted share, a location."""

from dataclasses import dataclass
from typing import Any

ALL_TABLES = "*"
DESCRIBE = "DESCRIBE"
SELECT = "SELECT"


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

    `table` is empty for the database itself and `*` for all its tables. Which columns a SELECT covers
    is not part of the atom: it is its value, a ColumnSet; every other verb's value is EVERY.
    """

    place: Place
    principal: str
    database: str
    table: str
    verb: str
    grantable: bool = False

    @property
    def resource(self) -> str:
        """The name under which AWS serialises writes: the database or the table."""
        return f"{self.database}/{self.table}" if self.table else self.database

    def to_json(self) -> dict[str, Any]:
        return {
            "place": self.place.to_json(),
            "principal": self.principal,
            "database": self.database,
            "table": self.table,
            "verb": self.verb,
            "grantable": self.grantable,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Permission":
        place = Place(*value["place"])
        return cls(
            place, value["principal"], value["database"], value["table"], value["verb"], value["grantable"]
        )


@dataclass(frozen=True, order=True)
class Link:
    """A resource link: a database of the consumer's catalog that points at the owner's."""

    place: Place
    name: str
    target: Place
    target_database: str

    def to_json(self) -> dict[str, Any]:
        return {
            "place": self.place.to_json(),
            "name": self.name,
            "target": self.target.to_json(),
            "target_database": self.target_database,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Link":
        return cls(Place(*value["place"]), value["name"], Place(*value["target"]), value["target_database"])


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
