"""The tables that a request for a database or LF-Tags reaches."""

from collections.abc import Sequence
from typing import Protocol

from catalog.mirror.lf_tag_matches import TagMatchedTable
from catalog.mirror.models import Column
from catalog.products.models import Domain
from identity.accounts.models import ConnectedCatalog
from lakeformation.effects.table_effects import TableColumn
from lakeformation.effects.tag_effects import ReachedTable

MAX_TABLES = 200
"""More than a person looks through before a yes."""


class ManyTablesTarget(Protocol):
    """What is reached now. `refusal` is why it may not be asked for, by what the asker sees, or empty; `obstacle` is why
    nobody may agree to it besides, told only to those who see all of it; `members_hash` names exactly this.
    """

    @property
    def catalog(self) -> ConnectedCatalog: ...
    @property
    def domain(self) -> Domain | None: ...
    @property
    def tables(self) -> Sequence[TagMatchedTable]: ...
    @property
    def members(self) -> Sequence[ReachedTable]: ...
    @property
    def refusal(self) -> str: ...
    @property
    def obstacle(self) -> str: ...
    @property
    def members_hash(self) -> str: ...


def build_member(one: TagMatchedTable) -> ReachedTable:
    """A table as effects look at it."""
    return ReachedTable(
        one.table.database.name,
        one.table.name,
        one.table.glue_created_at,
        _build_columns(one.open_columns),
        _build_columns(one.closed_columns),
        _build_columns(one.partition_keys),
        one.table.made_by,
    )


def list_locations(tables: Sequence[TagMatchedTable]) -> tuple[str, ...]:
    """The S3 URIs of their data, each once."""
    return tuple(sorted({one.table.location for one in tables if one.table.location}))


def _build_columns(columns: Sequence[Column]) -> tuple[TableColumn, ...]:
    return tuple(TableColumn(c.name, c.classification, c.is_partition_key) for c in columns)
