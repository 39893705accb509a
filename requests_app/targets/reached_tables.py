"""The tables that a request for a database or LF-Tags reaches."""

from collections.abc import Sequence
from typing import Protocol

from catalog.mirror.lf_tag_matches import TaggedTable
from catalog.mirror.models import Column
from catalog.products.models import Domain
from identity.accounts.models import ConnectedCatalog
from lakeformation.effects.table_effects import TableColumn
from lakeformation.effects.tag_effects import Member

MAX_TABLES = 200
"""More than a person looks through before a yes."""


class ManyTablesTarget(Protocol):
    """What is reached now. `refusal` is why it may not be asked for, by what the asker sees, or empty; `obstacle` is why
    nobody may agree to it besides, told only to those who see all of it; `mark` names exactly this.
    """

    @property
    def catalog(self) -> ConnectedCatalog: ...
    @property
    def domain(self) -> Domain | None: ...
    @property
    def tables(self) -> Sequence[TaggedTable]: ...
    @property
    def members(self) -> Sequence[Member]: ...
    @property
    def refusal(self) -> str: ...
    @property
    def obstacle(self) -> str: ...
    @property
    def mark(self) -> str: ...


def build_member(one: TaggedTable) -> Member:
    """A table as effects look at it."""
    return Member(
        one.table.database.name,
        one.table.name,
        one.table.glue_created_at,
        _build_columns(one.opened),
        _build_columns(one.closed),
        _build_columns(one.keys),
        one.table.made_by,
    )


def list_locations(tables: Sequence[TaggedTable]) -> tuple[str, ...]:
    """The S3 URIs of their data, each once."""
    return tuple(sorted({one.table.location for one in tables if one.table.location}))


def _build_columns(columns: Sequence[Column]) -> tuple[TableColumn, ...]:
    return tuple(TableColumn(c.name, c.classification, c.is_partition_key) for c in columns)
