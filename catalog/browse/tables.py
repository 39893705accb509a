"""The table page as ready values."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from catalog.mirror.column_statistics import ColumnFigures, figures_in
from catalog.mirror.models import Classification, Column, SchemaChange, Table, TableStatistics
from catalog.mirror.select_holders import Holders, held_by, holders_of
from catalog.mirror.snapshot import FLAGS
from catalog.products.may import visible_products, visible_tables
from catalog.products.models import DataProduct, Domain
from catalog.text_truncation import shortened
from identity.errors import NotFoundError
from identity.people.models import Person

MOST_HISTORY = 50
MOST_NAMES = 10


@dataclass(frozen=True)
class TableView:
    """A table with its columns in order; `is_gone` when Glue no longer has it."""

    row: Table
    columns: tuple[Column, ...]
    counts: dict[str, int]
    has_access: bool

    @property
    def pk(self) -> int:
        return self.row.pk

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def is_gone(self) -> bool:
        return self.row.tombstoned_at is not None

    @property
    def place(self) -> str:
        """Catalog and database, as people say them."""
        return f"{self.row.database.catalog.short_name} / {self.row.database.name}"


@dataclass(frozen=True)
class TablePage:
    """`products` are those of its products that the person may see; `domain` the database's, if any.

    `history` is newest first; `oddities` are sentences about what is strange in its text. `figures` are the statistics
    of its columns, by name, `unread` why they could not be read.
    """

    table: TableView
    domain: Domain | None
    products: tuple[DataProduct, ...]
    holders: Holders
    history: tuple[SchemaChange, ...]
    oddities: tuple[str, ...]
    figures: tuple[ColumnFigures, ...]
    unread: str


def table_for(person: Person, pk: int) -> Table:
    """NotFoundError when there is none, or none for this person; a tombstone is found, too."""
    related = ("database__catalog__account", "database__domain__owner_team", "statistics")
    found = visible_tables(person).select_related(*related).filter(pk=pk).first()
    if found is None:
        raise NotFoundError
    return found


def successor_of(person: Person, table: Table) -> Table | None:
    """What a renamed table is now, if the person may see it; over several names if need be."""
    following = table
    for _ in range(MOST_NAMES):
        if following.succeeded_by is None:
            break
        following = following.succeeded_by
    if following == table or not visible_tables(person).filter(pk=following.pk).exists():
        return None
    return following


def table_page(person: Person, pk: int, *, whole: bool = False) -> TablePage:
    """Six queries, whatever the table holds. Types and comments are shortened unless `whole`."""
    table = table_for(person, pk)
    statistics: TableStatistics | None = getattr(table, "statistics", None)
    return TablePage(
        table=table_views(person, [table], whole=whole)[0],
        domain=table.database.domain,
        products=tuple(
            visible_products(person)
            .filter(tables=table)
            .select_related("domain", "owner")
            .distinct()
            .order_by("name")
        ),
        holders=holders_of([pk]),
        history=tuple(SchemaChange.objects.filter(table=table)[:MOST_HISTORY]),
        oddities=tuple(FLAGS[flag] for flag in table.flags if flag in FLAGS),
        figures=figures_in(statistics),
        unread=statistics.error if statistics else "",
    )


def table_views(person: Person, tables: Iterable[Table], *, whole: bool = False) -> tuple[TableView, ...]:
    rows = list(tables)
    ids = [row.pk for row in rows]
    columns: dict[int, list[Column]] = defaultdict(list)
    found = Column.objects.filter(table__in=ids).order_by("position")
    for column in found if whole else shortened(found, "type", "comment"):
        columns[column.table_id].append(column)
    held = held_by(person, ids)
    return tuple(
        TableView(row, tuple(columns[row.pk]), classification_counts(columns[row.pk]), row.pk in held)
        for row in rows
    )


def classification_counts(columns: Iterable[Column]) -> dict[str, int]:
    """Columns by classification, in the order of care; those without one are not counted."""
    said = [column.classification for column in columns]
    return {value: said.count(value) for value in Classification.values if value in said}
