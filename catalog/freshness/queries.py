"""Reads of freshness."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.expressions import CombinedExpression

from catalog.freshness.models import FreshnessDay, TableFreshness
from catalog.freshness.states import ChangeTime, FreshnessState, assess, choose_worst
from catalog.mirror.models import Table
from catalog.products.models import DataProduct, ProductTable
from catalog.products.states import ProductLifecycle

READ_LIFECYCLES = (ProductLifecycle.PUBLISHED, ProductLifecycle.DEPRECATED)


@dataclass(frozen=True)
class TableState:
    """`found` is None if nothing says when the table's data changed. `row` is None before the first reading."""

    table: Table
    state: FreshnessState
    found: ChangeTime | None
    row: TableFreshness | None


@dataclass(frozen=True)
class ProductFreshness:
    """A product is as fresh as its oldest table, which `oldest` is; None if nothing is known of any."""

    state: FreshnessState
    promised_hours: int | None
    tables: tuple[TableState, ...]

    @property
    def oldest(self) -> TableState | None:
        known = [(one.found.at, place, one) for place, one in enumerate(self.tables) if one.found]
        in_state = [each for each in known if each[2].state == self.state]
        return min(in_state or known)[2] if known else None


def build_product_freshness(product: DataProduct, tables: Sequence[Table], now: datetime) -> ProductFreshness:
    """Of these tables of the product, without those that are gone. One query."""
    there = [table for table in tables if table.tombstoned_at is None]
    rows = find_table_freshness([table.pk for table in there])
    states = tuple(
        build_table_state(table, rows.get(table.pk), product.freshness_hours, now) for table in there
    )
    return ProductFreshness(choose_worst([one.state for one in states]), product.freshness_hours, states)


def build_table_state(
    table: Table, row: TableFreshness | None, promised_hours: int | None, now: datetime
) -> TableState:
    found = row.change_time if row else None
    return TableState(table, assess(found, promised_hours, now), found, row)


def find_table_freshness(tables: Collection[int]) -> dict[int, TableFreshness]:
    """By table. One query."""
    return {row.table_id: row for row in TableFreshness.objects.filter(table__in=tables)}


def list_product_tables(product: DataProduct) -> list[Table]:
    rows = Table.objects.filter(product_tables__product=product, tombstoned_at=None)
    return list(rows.select_related("database").order_by("product_tables__position", "pk"))


def list_read_products(table: Table) -> QuerySet[DataProduct]:
    """Published ones with the table."""
    rows = DataProduct.objects.filter(product_tables__table=table, lifecycle__in=READ_LIFECYCLES)
    return rows.select_related("domain", "owner").order_by("pk")


def list_due_tables(before: datetime | CombinedExpression) -> QuerySet[Table]:
    """Tables of published products that were not read since `before`, those never read first."""
    links = ProductTable.objects.filter(table=OuterRef("pk"), product__lifecycle__in=READ_LIFECYCLES)
    read = TableFreshness.objects.filter(table=OuterRef("pk"), read_at__gt=before)
    rows = Table.objects.filter(Exists(links), ~Exists(read), tombstoned_at=None)
    return rows.order_by("freshness__read_at", "pk")


def list_freshness_days(product: DataProduct, since: date) -> list[FreshnessDay]:
    """Oldest first."""
    return list(FreshnessDay.objects.filter(product=product, day__gte=since).order_by("day"))
