"""What an LF-Tag expression, or a permission on every table of a database, reaches in the mirror."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from catalog.mirror.models import Column, Database, Table
from identity.accounts.models import ConnectedCatalog
from lakeformation.values.tag_expressions import TagExpression


@dataclass(frozen=True)
class TaggedTable:
    """Data columns that are opened, those that an expression leaves closed, and the partition keys."""

    table: Table
    opened: tuple[Column, ...]
    closed: tuple[Column, ...]
    keys: tuple[Column, ...]


@dataclass(frozen=True)
class Tagged:
    """`databases` carry the tags themselves; `tables` carry them, or a column of them does."""

    databases: tuple[Database, ...]
    tables: tuple[TaggedTable, ...]


def tagged(catalog: ConnectedCatalog, expression: TagExpression, *, most: int) -> Tagged:
    """All of it in the live catalog, by name; of tables `most` and one more, so that too many can be told."""
    if not expression:
        return Tagged((), ())
    carried = _carries(expression)
    databases = Database.objects.filter(carried, catalog=catalog, tombstoned_at__isnull=True)
    columns = Column.objects.filter(carried, table=OuterRef("pk"))
    found = _live(catalog).filter(carried | Exists(columns))[: most + 1]
    of_databases = databases.select_related("domain__owner_team").order_by("name")
    return Tagged(tuple(of_databases), tuple(opened_by(expression, table) for table in found))


def every_table(catalog: ConnectedCatalog, database: str, *, most: int) -> tuple[TaggedTable, ...]:
    """All live tables of a database, each with every column opened, by name; `most` and one more."""
    found = _live(catalog).filter(database__name=database)[: most + 1]
    return tuple(_parted(table, lambda _column: True) for table in found)


def _live(catalog: ConnectedCatalog) -> QuerySet[Table]:
    tables = Table.objects.filter(
        database__catalog=catalog, database__tombstoned_at__isnull=True, tombstoned_at__isnull=True
    )
    rows = tables.select_related("database__domain__owner_team", "database__catalog__account")
    return rows.prefetch_related("columns").order_by("database__name", "name")


def opened_by(expression: TagExpression, table: Table) -> TaggedTable:
    """What the expression opens of one table: none of the columns where it does not reach it."""
    return _parted(table, lambda column: expression.fits(column.tags))


def _parted(table: Table, is_opened: Callable[[Column], bool]) -> TaggedTable:
    every = list(table.columns.all())
    data = [column for column in every if not column.is_partition_key]
    opened = tuple(column for column in data if is_opened(column))
    closed = tuple(column for column in data if column not in opened)
    return TaggedTable(table, opened, closed, tuple(c for c in every if c.is_partition_key))


def _carries(expression: TagExpression) -> Q:
    every = Q()
    for key, values in expression.keys:
        some = Q()
        for value in values:
            some |= Q(tags__contains={key: value})
        every &= some
    return every
