"""Values for the table page."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from catalog.mirror.columns import ColumnStatistics, get_column_statistics
from catalog.mirror.models import Classification, Column, SchemaChange, Table, TableStatistics
from catalog.mirror.queries import HolderCounts, count_holders, find_readable_tables
from catalog.mirror.snapshot import NO_SCHEMA, SPARK_SCHEMA
from catalog.products.may import visible_products, visible_tables
from catalog.products.models import DataProduct, Domain
from identity.people.models import Person
from kernel.errors import NotFoundError


def list_text_warnings(flags: Iterable[str]) -> tuple[str, ...]:
    """Warnings for flags of `catalog.mirror.snapshot.TEXT_FLAGS`; others are skipped."""
    messages = {
        "replaced": _("Characters that no database can hold were replaced."),
        "cut": _("Some text was too long and was cut."),
        "wide": _("The table has more than 1,000 columns."),
        "markup": _("Some text looks like HTML. It is shown as text."),
        SPARK_SCHEMA: _(
            "Glue holds only a placeholder for the columns. These are the ones that Spark keeps in the table's parameters."
        ),
        NO_SCHEMA: _("The schema of this table cannot be read from Glue."),
    }
    return tuple(messages[flag] for flag in flags if flag in messages)


MAX_SCHEMA_CHANGES = 50
MAX_RENAMES = 10


@dataclass(frozen=True)
class TableView:
    """A table; `is_gone` when Glue no longer has it. Its columns are read apart: there may be thousands.

    `classification_counts` are of its columns, without the unclassified ones, which `column_count` counts as well.
    """

    row: Table
    column_count: int
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
    return _get_row(visible_tables(person), pk)


def _get_row(rows: QuerySet[Table], pk: int) -> Table:
    related = ("database__catalog__account", "database__domain__owner_team", "statistics")
    row = rows.select_related(*related).filter(pk=pk).first()
    if row is None:
        raise NotFoundError
    return row


def get_successor(person: Person, table: Table) -> Table | None:
    """The table that a renamed table became, across several renames, if the person may see it."""
    following = table
    for _number in range(MAX_RENAMES):
        if following.succeeded_by is None:
            break
        following = following.succeeded_by
    if following == table or not visible_tables(person).filter(pk=following.pk).exists():
        return None
    return following


def build_table_page(person: Person, pk: int) -> TablePage:
    """Five queries, whatever the table holds."""
    table = _get_row(count_columns(visible_tables(person)), pk)
    statistics: TableStatistics | None = getattr(table, "statistics", None)
    return TablePage(
        table=build_table_views(person, [table])[0],
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


def count_columns(tables: QuerySet[Table]) -> QuerySet[Table]:
    """With `column_counts` for `build_table_views`."""
    columns = Column.objects.filter(table=OuterRef("pk")).order_by().values("classification")
    counts = columns.annotate(number=Count("pk")).values(
        pair=JSONObject(classification="classification", number="number")
    )
    return tables.annotate(column_counts=ArraySubquery(counts))


def build_table_views(person: Person, tables: Iterable[Table]) -> tuple[TableView, ...]:
    """Views of tables from `count_columns`. One query."""
    rows = list(tables)
    held = find_readable_tables(person, [row.pk for row in rows])
    return tuple(_build_table_view(row, has_access=row.pk in held) for row in rows)


def _build_table_view(row: Table, *, has_access: bool) -> TableView:
    counts = {pair["classification"]: pair["number"] for pair in row.column_counts}  # type: ignore[attr-defined]
    return TableView(row, sum(counts.values()), order_counts(counts), has_access)


def order_counts(counts: Mapping[str, int]) -> dict[str, int]:
    """By classification, least sensitive first, without the unclassified."""
    return {value: counts[value] for value in Classification.values if counts.get(value)}


def list_all_columns(tables: Collection[int]) -> dict[int, list[Column]]:
    """By table, in order, with their whole types and comments. One query."""
    columns: dict[int, list[Column]] = {pk: [] for pk in tables}
    for column in Column.objects.filter(table__in=tables):
        columns[column.table_id].append(column)
    return columns
