"""The names under which granted data is found in the consumer's catalog."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lakeformation.values.permissions import DataCatalog
from lakeformation.values.resource_links import Link


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
