"""Values for the table page."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F

from catalog.browse.text_warnings import list_text_warnings
from catalog.mirror.column_statistics import ColumnStatistics, get_column_statistics
from catalog.mirror.models import Classification, Column, SchemaChange, Table, TableStatistics
from catalog.mirror.select_holders import HolderCounts, count_holders, find_readable_tables
from catalog.products.may import visible_products, visible_tables
from catalog.products.models import DataProduct, Domain
from catalog.text_truncation import truncate_fields
from identity.errors import NotFoundError
from identity.people.models import Person

MAX_SCHEMA_CHANGES = 50
MAX_RENAMES = 10


@dataclass(frozen=True)
class TableView:
    """A table with its columns in order; `is_gone` when Glue no longer has it."""

    row: Table
    columns: tuple[Column, ...]
    classification_counts: dict[str, int]
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
    def database_path(self) -> str:
        """Short name of the catalog and name of the database."""
        return f"{self.row.database.catalog.short_name} / {self.row.database.name}"


@dataclass(frozen=True)
class TablePage:
    """`products` are those of its products that the person may see; `domain` the database's, if any.

    `schema_changes` are newest first; `text_warnings` say what is unusual in its text. `figures` are the
    statistics of its columns, by name, `unread` why they could not be read.
    """

    table: TableView
    domain: Domain | None
    products: tuple[DataProduct, ...]
    holders: HolderCounts
    schema_changes: tuple[SchemaChange, ...]
    text_warnings: tuple[str, ...]
    figures: tuple[ColumnStatistics, ...]
    unread: str


def get_table(person: Person, pk: int) -> Table:
    """Raises NotFoundError when there is no such table or the person may not see it. Includes tombstoned tables."""
    related = ("database__catalog__account", "database__domain__owner_team", "statistics")
    found = visible_tables(person).select_related(*related).filter(pk=pk).first()
    if found is None:
        raise NotFoundError
    return found


def get_successor(person: Person, table: Table) -> Table | None:
    """The table that a renamed table became, across several renames, if the person may see it."""
    following = table
    for _ in range(MAX_RENAMES):
        if following.succeeded_by is None:
            break
        following = following.succeeded_by
    if following == table or not visible_tables(person).filter(pk=following.pk).exists():
        return None
    return following


def build_table_page(person: Person, pk: int, *, full_text: bool = False) -> TablePage:
    """Six queries, whatever the table holds. Types and comments are shortened unless `full_text`."""
    table = get_table(person, pk)
    statistics: TableStatistics | None = getattr(table, "statistics", None)
    return TablePage(
        table=build_table_views(person, [table], full_text=full_text)[0],
        domain=table.database.domain,
        products=tuple(
            visible_products(person)
            .filter(tables=table)
            .select_related("domain", "owner")
            .distinct()
            .order_by(F("deprecated_at").asc(nulls_first=True), "name")
        ),
        holders=count_holders([pk]),
        schema_changes=tuple(SchemaChange.objects.filter(table=table)[:MAX_SCHEMA_CHANGES]),
        text_warnings=list_text_warnings(table.flags),
        figures=get_column_statistics(statistics),
        unread=statistics.error if statistics else "",
    )


def build_table_views(
    person: Person, tables: Iterable[Table], *, full_text: bool = False
) -> tuple[TableView, ...]:
    rows = list(tables)
    ids = [row.pk for row in rows]
    columns: dict[int, list[Column]] = defaultdict(list)
    found = Column.objects.filter(table__in=ids).order_by("position")
    for column in found if full_text else truncate_fields(found, "type", "comment"):
        columns[column.table_id].append(column)
    held = find_readable_tables(person, ids)
    return tuple(
        TableView(row, tuple(columns[row.pk]), count_classifications(columns[row.pk]), row.pk in held)
        for row in rows
    )


def count_classifications(columns: Iterable[Column]) -> dict[str, int]:
    """Columns by classification, least sensitive first. Unclassified columns are not counted."""
    said = [column.classification for column in columns]
    return {value: said.count(value) for value in Classification.values if value in said}
