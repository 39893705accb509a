"""Dataclasses that define the bank."""

from dataclasses import dataclass
from typing import Literal

Confidentiality = Literal["public", "private", "sensitive"]


@dataclass(frozen=True)
class Account:
    """`consumer_roles` and `consumer_users` are the IAM roles and users that read data; their tags say which
    line of business and environment they are of. `producer_roles` write data. `produces` and `consumes` may both be true.

    `passes_on_grants`: its executor administers its data lake, as it must to make subgrants.
    """

    id: str
    name: str
    title: str
    line_of_business: str
    cost_centre: str
    environment: str
    produces: bool = False
    consumes: bool = False
    in_organisation: bool = True
    consumer_roles: tuple[str, ...] = ()
    producer_roles: tuple[str, ...] = ()
    consumer_users: tuple[str, ...] = ()
    passes_on_grants: bool = False


@dataclass(frozen=True)
class Column:
    """`expression` is DuckDB's, over the row number `i`; `confidentiality` only where it differs."""

    name: str
    type: str
    expression: str
    comment: str
    confidentiality: Confidentiality | None = None


@dataclass(frozen=True)
class Table:
    """`partition` is a column too: it is stored in the files beside being the partition key."""

    name: str
    comment: str
    columns: tuple[Column, ...]
    row_count: int
    partition: Column | None = None
    confidentiality: Confidentiality = "private"
    consuming_lobs: tuple[str, ...] = ()
    owner: str = ""


@dataclass(frozen=True)
class Database:
    """A domain's tables of one tier; `bucket` lies in the producer's account, the catalog is `catalog`'s."""

    name: str
    domain: str
    tier: Literal["bronze", "silver", "gold"]
    comment: str
    producer: str
    catalog: str
    region: str
    tables: tuple[Table, ...]
    owner: str

    @property
    def bucket(self) -> str:
        return f"harbour-{self.name.replace('_', '-')}"
