"""The tables and columns that an LF-Tag expression or a whole-database permission matches in the mirror."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from catalog.mirror.column_facts import load_column_facts
from catalog.mirror.models import Column, ColumnFacts, Database, Table
from identity.accounts import ConnectedCatalog
from lakeformation.values.tag_expressions import TagExpression


@dataclass(frozen=True)
class TagMatchedTable:
    """The data columns that the expression matches, those that it does not match, and the partition keys."""

    table: Table
    open_columns: tuple[ColumnFacts, ...]
    closed_columns: tuple[ColumnFacts, ...]
    partition_keys: tuple[ColumnFacts, ...]


@dataclass(frozen=True)
class TagMatches:
    """`databases` carry the tags themselves; `tables` carry them, or a column of them does."""

    databases: tuple[Database, ...]
    tables: tuple[TagMatchedTable, ...]


def find_tag_matches(catalog: ConnectedCatalog, expression: TagExpression, *, limit: int) -> TagMatches:
    """All of it in the live catalog, by name; at most `limit` + 1 tables, so that the caller can tell when there are too many."""
    if not expression:
        return TagMatches((), ())
    carried = Q()
    for key, values in expression.keys:
        some = Q()
        for value in values:
            some |= Q(tags__contains={key: value})
        carried &= some
    databases = Database.objects.filter(carried, catalog=catalog, tombstoned_at__isnull=True)
    columns = Column.objects.filter(carried, table=OuterRef("pk"))
    found = list(_list_live_tables(catalog).filter(carried | Exists(columns))[: limit + 1])
    of_databases = databases.select_related("domain__owner_team").order_by("name")
    load_column_facts(found)
    return TagMatches(tuple(of_databases), tuple(match_table(expression, table) for table in found))


def list_database_tables(
    catalog: ConnectedCatalog, database: str, *, limit: int
) -> tuple[TagMatchedTable, ...]:
    """All live tables of a database, each with every column opened, by name; at most `limit` + 1."""
    found = list(_list_live_tables(catalog).filter(database__name=database)[: limit + 1])
    load_column_facts(found)
    return tuple(_split_columns(table, lambda _column: True) for table in found)


def _list_live_tables(catalog: ConnectedCatalog) -> QuerySet[Table]:
    tables = Table.objects.filter(
        database__catalog=catalog, database__tombstoned_at__isnull=True, tombstoned_at__isnull=True
    )
    rows = tables.select_related("database__domain__owner_team", "database__catalog__account")
    return rows.order_by("database__name", "name")


def match_table(expression: TagExpression, table: Table) -> TagMatchedTable:
    """The columns of one table that the expression matches."""
    return _split_columns(table, lambda column: expression.matches(column.tags))


def _split_columns(table: Table, is_opened: Callable[[ColumnFacts], bool]) -> TagMatchedTable:
    opened: list[ColumnFacts] = []
    closed: list[ColumnFacts] = []
    keys: list[ColumnFacts] = []
    for column in table.column_facts:
        part = keys if column.is_partition_key else opened if is_opened(column) else closed
        part.append(column)
    return TagMatchedTable(table, tuple(opened), tuple(closed), tuple(keys))
