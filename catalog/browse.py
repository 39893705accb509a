"""What the product page and the table page tell: ready values, by a number of queries that tests hold."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q

from catalog.column_figures import ColumnFigures, figures_in
from catalog.column_statistics import TableStatistics
from catalog.holdings import Holders, held_by, holders_of
from catalog.may import visible_products, visible_tables
from catalog.models import Classification, Column, DataProduct, Domain, SchemaChange, Table
from catalog.shortened import shortened
from catalog.snapshot import FLAGS
from identity.errors import NotFoundError
from identity.people.models import Person, Team

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
class ProductPage:
    """`counts` is columns by classification over all tables; `has_access` when any table is held."""

    row: DataProduct
    domain: Domain
    team: Team
    owner: Person
    tables: tuple[TableView, ...]
    counts: dict[str, int]
    holders: Holders
    has_access: bool


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


@dataclass(frozen=True)
class DomainView:
    slug: str
    name: str
    line_of_business: str
    team: str
    products: int


def product_for(person: Person, slug: str) -> DataProduct:
    """NotFoundError when there is none, or none for this person."""
    shown = visible_products(person).select_related("domain__owner_team", "owner")
    found = shown.filter(slug=slug).distinct().first()
    if found is None:
        raise NotFoundError
    return found


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


def product_page(person: Person, slug: str) -> ProductPage:
    """Five queries, whatever the product holds."""
    product = product_for(person, slug)
    rows = Table.objects.filter(product_tables__product=product).order_by("product_tables__position", "pk")
    rows = rows.select_related("database__catalog__account", "database__domain")
    tables = _views(person, shortened(rows, "description"))
    return ProductPage(
        row=product,
        domain=product.domain,
        team=product.domain.owner_team,
        owner=product.owner,
        tables=tables,
        counts=_counts(column for table in tables for column in table.columns),
        holders=holders_of([table.pk for table in tables]),
        has_access=any(table.has_access for table in tables),
    )


def table_page(person: Person, pk: int, *, whole: bool = False) -> TablePage:
    """Six queries, whatever the table holds. Types and comments are shortened unless `whole`."""
    table = table_for(person, pk)
    statistics: TableStatistics | None = getattr(table, "statistics", None)
    return TablePage(
        table=_views(person, [table], whole=whole)[0],
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


def domains() -> tuple[DomainView, ...]:
    """Every domain with the number of its published products, by name."""
    published = Count("products", filter=Q(products__is_published=True))
    rows = Domain.objects.select_related("owner_team").annotate(published=published).order_by("name")
    return tuple(
        DomainView(row.slug, row.name, row.line_of_business, row.owner_team.name, row.published)
        for row in rows
    )


def newest_products(most: int) -> tuple[DataProduct, ...]:
    """The published products that were made last."""
    rows = DataProduct.objects.filter(is_published=True).select_related("domain", "owner")
    return tuple(rows.order_by("-pk")[:most])


def _views(person: Person, tables: Iterable[Table], *, whole: bool = False) -> tuple[TableView, ...]:
    rows = list(tables)
    ids = [row.pk for row in rows]
    columns: dict[int, list[Column]] = defaultdict(list)
    found = Column.objects.filter(table__in=ids).order_by("position")
    for column in found if whole else shortened(found, "type", "comment"):
        columns[column.table_id].append(column)
    held = held_by(person, ids)
    return tuple(
        TableView(row, tuple(columns[row.pk]), _counts(columns[row.pk]), row.pk in held) for row in rows
    )


def _counts(columns: Iterable[Column]) -> dict[str, int]:
    """Columns by classification, in the order of care; those without one are not counted."""
    said = [column.classification for column in columns]
    return {value: said.count(value) for value in Classification.values if value in said}
