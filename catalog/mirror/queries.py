"""The tables and columns that an LF-Tag expression or a whole-database permission matches in the mirror."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from catalog.mirror.models import Column, ColumnFacts, Database, Table, load_column_facts
from identity.accounts import ConnectedCatalog
from identity.people.models import Person
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
    tables = list(_list_live_tables(catalog).filter(carried | Exists(columns))[: limit + 1])
    of_databases = databases.select_related("domain__owner_team").order_by("name")
    load_column_facts(tables)
    return TagMatches(tuple(of_databases), tuple(match_table(expression, table) for table in tables))


def list_database_tables(
    catalog: ConnectedCatalog, database: str, *, limit: int
) -> tuple[TagMatchedTable, ...]:
    """All live tables of a database, each with every column opened, by name; at most `limit` + 1."""
    tables = list(_list_live_tables(catalog).filter(database__name=database)[: limit + 1])
    load_column_facts(tables)
    return tuple(_split_columns(table, lambda _column: True) for table in tables)


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


# Nobody reads by what an account holds as a whole, under its bare id. What is held of one table leads to it by its name;
# asked for with "or", each table of the catalog would be read. Names of what is held are in the collation C: compared
# by that one, the mirror's index of names would not do, and each database of the catalog would be read.
_HOLDERS_SQL = """
  SELECT t.id AS table_id, o.principal_arn AS arn
  FROM fulfilment_observedpermission o
  JOIN catalog_database b ON b.catalog_id = o.catalog_id AND b.tombstoned_at IS NULL
    AND b.name = o.database COLLATE "default"
  JOIN catalog_table t ON t.database_id = b.id AND t.tombstoned_at IS NULL AND {which}
  WHERE o.verb IN ('SELECT', 'ALL') AND left(o.principal_arn, 4) = 'arn:'"""
_TABLE_CONDITIONS = ('t.name = o."table" COLLATE "default"', "o.\"table\" = '*'")
SELECT_HOLDERS_SQL = " UNION ALL ".join(_HOLDERS_SQL.format(which=which) for which in _TABLE_CONDITIONS)

_OPEN_TO_IAM = """
  SELECT EXISTS (SELECT FROM fulfilment_observedpermission o
  JOIN catalog_database b ON b.catalog_id = o.catalog_id AND b.tombstoned_at IS NULL
    AND b.name = o.database COLLATE "default"
  JOIN catalog_table t ON t.database_id = b.id AND t.tombstoned_at IS NULL
    AND (o."table" = '*' OR t.name = o."table" COLLATE "default")
  WHERE o.verb IN ('SELECT', 'ALL') AND o.principal_arn = 'IAM_ALLOWED_PRINCIPALS' AND t.id = ANY(%(tables)s))"""
_READ_AT = """
  SELECT CASE WHEN bool_and(reading.read_at IS NOT NULL) THEN min(reading.read_at) END FROM catalog_table t
  JOIN catalog_database b ON b.id = t.database_id
  LEFT JOIN fulfilment_scope scope ON scope.catalog_id = b.catalog_id AND scope.kind = 'catalog'
  LEFT JOIN fulfilment_scopereading reading ON reading.scope_id = scope.id
  WHERE t.id = ANY(%(tables)s)"""
_COUNT_HOLDERS = f"""
SELECT count(DISTINCT seen.arn), count(DISTINCT account.id), ({_OPEN_TO_IAM}), ({_READ_AT}) FROM ({SELECT_HOLDERS_SQL}) AS seen
JOIN identity_principal principal ON principal.arn = seen.arn AND principal.gone_at IS NULL
JOIN identity_account account ON account.id = principal.account_id
WHERE seen.table_id = ANY(%(tables)s)"""  # noqa: S608

_READABLE_TABLES = f"""
SELECT DISTINCT seen.table_id FROM ({SELECT_HOLDERS_SQL}) AS seen
JOIN identity_principal principal ON principal.arn = seen.arn AND principal.gone_at IS NULL
JOIN identity_account account ON account.id = principal.account_id
JOIN identity_membership member ON member.team_id = account.team_id AND member.person_id = %s
WHERE seen.table_id = ANY(%s)"""  # noqa: S608


@dataclass(frozen=True)
class HolderCounts:
    """How many roles of the mesh hold a permission to read some of the tables, and in how many accounts they live.

    `open_to_iam`: every role of the owner's account with rights in IAM reads some of them besides. `read_at`: when all of
    this was last read from AWS; None where some of it never was, so that nothing is known.
    """

    principals: int
    accounts: int
    open_to_iam: bool = False
    read_at: datetime | None = None


def count_holders(tables: Collection[int]) -> HolderCounts:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_HOLDERS, {"tables": list(tables)})
        row = cursor.fetchone()
    return HolderCounts(*row) if row else HolderCounts(0, 0)


def find_readable_tables(person: Person, tables: Collection[int]) -> frozenset[int]:
    """The tables that a principal in an account of one of the person's teams can read."""
    with connection.cursor() as cursor:
        cursor.execute(_READABLE_TABLES, [person.pk, list(tables)])
        return frozenset(row[0] for row in cursor.fetchall())
