"""What is reached: a value for pages, in the words of Lake Formation for effects."""

from collections.abc import Sequence
from typing import Any, Protocol

from catalog.models import Column, Domain
from catalog.tagged import TaggedTable
from identity.models import ConnectedCatalog
from lakeformation.columns import ColumnSet
from lakeformation.effects import TableColumn
from lakeformation.tag_effects import Member
from lakeformation.wanted import Access
from requests_app.models import Item

MOST_TABLES = 200
"""More than a person looks through before a yes."""


class Found(Protocol):
    """What is reached now. `refusal` is why nobody may agree to it, or empty; `mark` names exactly this."""

    @property
    def catalog(self) -> ConnectedCatalog: ...
    @property
    def domain(self) -> Domain | None: ...
    @property
    def tables(self) -> Sequence[TaggedTable]: ...
    @property
    def refusal(self) -> str: ...
    @property
    def mark(self) -> str: ...


def access_to_many(item: Item, **what: Any) -> Access:
    """One principal, every column of what `what` names."""
    principal, catalog = item.request.principal, item.table.database.catalog
    words: dict[str, Any] = {"database": "", "table": "", "table_created": "", **what}
    return Access(
        principal_arn=principal.arn,
        principal_id=principal.unique_id,
        consumer=principal.account.account_id,
        consumer_region=principal.account.region,
        owner=catalog.account.account_id,
        region=catalog.region,
        catalog_short_name=catalog.short_name,
        columns=ColumnSet.every(),
        location_role=catalog.location_role_arn,
        **words,
    )


def member_of(one: TaggedTable) -> Member:
    """A table as effects look at it."""
    return Member(
        one.table.database.name,
        one.table.name,
        one.table.glue_created_at,
        _columns(one.opened),
        _columns(one.closed),
        _columns(one.keys),
    )


def locations_of(tables: Sequence[TaggedTable]) -> tuple[str, ...]:
    """The S3 URIs of their data, each once."""
    return tuple(sorted({one.table.location for one in tables if one.table.location}))


def _columns(columns: Sequence[Column]) -> tuple[TableColumn, ...]:
    return tuple(TableColumn(c.name, c.classification, c.is_partition_key) for c in columns)
