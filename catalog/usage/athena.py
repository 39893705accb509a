"""Query history of Athena: how far it was read, and what queries read, by day."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import combinations
from typing import Any, NamedTuple
from uuid import UUID

import sqlglot
from django.db import connection
from sqlglot import TokenType, exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from catalog.mirror.models import Column
from catalog.usage.models import CountedQuery, QueryReader

DIALECT = "athena"
MAX_LENGTH = 262_144
"""The length of a query's text in Athena; longer ones are not parsed."""
MAX_TABLES, MAX_JOINS, MAX_DEPTH = 100, 200, 20
EVERY_COLUMN = "*"
UNLOAD = "UNLOAD"


class StatementTable(NamedTuple):
    """In lower case. `catalog` is empty if the statement names none."""

    catalog: str
    database: str
    name: str


class TableColumn(NamedTuple):
    """`name` is empty if two tables are joined on no column that the text names."""

    table: StatementTable
    name: str


Join = tuple[TableColumn, TableColumn]
Columns = Mapping[StatementTable, AbstractSet[str]]
"""Columns of tables, as far as known: to tell of which table one without a qualifier is."""


@dataclass(frozen=True)
class StatementReads:
    """`is_readable` is False where the text is no query that can be parsed. `joins` are sorted pairs."""

    tables: tuple[StatementTable, ...] = ()
    columns: frozenset[TableColumn] = frozenset()
    joins: frozenset[Join] = frozenset()
    is_readable: bool = True


UNREADABLE = StatementReads(is_readable=False)


def read_statement(text: str, database: str, columns: Columns | None = None) -> StatementReads:
    """What all queries in the text read. Of statements without a query nothing is read. `database` is that of tables whose
    database the text does not name.
    """
    if len(text) > MAX_LENGTH:
        return UNREADABLE
    try:
        statements = [one for one in sqlglot.parse(_unwrap_unload(text), read=DIALECT) if one is not None]
        queries = [query for statement in statements if (query := _find_query(statement)) is not None]
        scopes = [scope for query in queries for scope in traverse_scope(query)]
        reader = _ScopeReader(database.lower(), columns or {})
        reads = reader.read(scopes)
    except (SqlglotError, RecursionError, ValueError, KeyError, AttributeError):
        return UNREADABLE
    has_unknown = any(isinstance(statement, exp.Command) for statement in statements) or not statements
    return UNREADABLE if has_unknown and not reads.tables else reads


def _unwrap_unload(text: str) -> str:
    """The query of `UNLOAD (…) TO …`, which sqlglot does not know; any other text as it is."""
    text = text.strip()
    if text[: len(UNLOAD)].upper() != UNLOAD:
        return text
    text = text[len(UNLOAD) :]
    depth, begin = 0, None
    for token in sqlglot.tokenize(text, read=DIALECT):
        if token.token_type is TokenType.L_PAREN:
            depth, begin = depth + 1, token.end if begin is None else begin
        elif token.token_type is TokenType.R_PAREN:
            depth -= 1
            if depth == 0 and begin is not None:
                return text[begin + 1 : token.start]
    return text


def _find_query(statement: exp.Expr) -> exp.Query | None:
    """The query of a SELECT, INSERT, MERGE or CREATE TABLE AS; a view reads nothing when it is made."""
    if isinstance(statement, exp.Query):
        return statement
    if isinstance(statement, exp.Create) and statement.args.get("kind") == "VIEW":
        return None
    query = statement.args.get("expression") or statement.args.get("using")
    if not isinstance(query, exp.Query):
        return None
    if common := statement.args.get("with_") or statement.args.get("with"):
        query.set("with_" if "with_" in query.arg_types else "with", common)
    return query


class _ScopeReader:
    def __init__(self, database: str, columns: Columns) -> None:
        self._database, self._columns = database, columns

    def read(self, scopes: list[Scope]) -> StatementReads:
        tables: dict[StatementTable, None] = {}
        columns: set[TableColumn] = set()
        joins: set[Join] = set()
        for scope in scopes:
            own = list(self._list_own_tables(scope))
            tables |= dict.fromkeys(own)
            columns.update(self._list_columns(scope))
            keyed = set(self._list_keys(scope))
            joined = {frozenset((one.table, two.table)) for one, two in keyed}
            loose = (pair for pair in combinations(dict.fromkeys(own), 2) if frozenset(pair) not in joined)
            joins |= keyed | {_sort(TableColumn(one, ""), TableColumn(two, "")) for one, two in loose}
        return StatementReads(
            tuple(tables)[:MAX_TABLES], frozenset(columns), frozenset(sorted(joins)[:MAX_JOINS])
        )

    def _list_columns(self, scope: Scope) -> Iterator[TableColumn]:
        for column in scope.columns:
            if found := self._resolve(column, scope):
                yield found
        for star in scope.find_all(exp.Star):
            if isinstance(star.parent, exp.Count):
                continue
            qualifier = star.parent.table if isinstance(star.parent, exp.Column) else ""
            for alias, source in scope.sources.items():
                if isinstance(source, exp.Table) and qualifier in {"", alias}:
                    yield TableColumn(self._name_table(source), EVERY_COLUMN)

    def _list_keys(self, scope: Scope) -> Iterator[Join]:
        """Columns of two tables that must be equal."""
        for equation in scope.find_all(exp.EQ):
            if isinstance(equation.left, exp.Column) and isinstance(equation.right, exp.Column):
                yield from self._pair(
                    self._resolve(equation.left, scope), self._resolve(equation.right, scope)
                )
        for join in scope.find_all(exp.Join):
            for column in join.args.get("using") or ():
                name = column.name.lower()
                last = self._look_into(scope.sources.get(join.alias_or_name), name)
                earlier = [one for alias, one in scope.sources.items() if alias != join.alias_or_name]
                for source in earlier[:1]:
                    yield from self._pair(self._look_into(source, name), last)

    def _pair(self, column: TableColumn | None, two: TableColumn | None) -> Iterator[Join]:
        if column and two and column.table != two.table:
            yield _sort(column, two)

    def _resolve(self, column: exp.Column, scope: Scope, depth: int = 0) -> TableColumn | None:
        """The table's column behind it, through subqueries and common table expressions."""
        if isinstance(column.this, exp.Star) or depth > MAX_DEPTH:
            return None
        name = column.name.lower()
        if column.table:
            return self._look_into(scope.sources.get(column.table), name, depth)
        found = {
            one for one in (self._look_into(source, name, depth) for source in scope.sources.values()) if one
        }
        sure = {one for one in found if name in self._columns.get(one.table, ())}
        chosen = sure or found
        return next(iter(chosen)) if len(chosen) == 1 else None

    def _look_into(self, source: exp.Table | Scope | None, name: str, depth: int = 0) -> TableColumn | None:
        if isinstance(source, exp.Table):
            table = self._name_table(source)
            known = self._columns.get(table)
            return TableColumn(table, name) if not known or name in known else None
        if not isinstance(source, Scope) or not isinstance(source.expression, exp.Query):
            return None
        for select in source.expression.selects:
            if select.alias_or_name.lower() == name:
                inner = select.unalias()
                return self._resolve(inner, source, depth + 1) if isinstance(inner, exp.Column) else None
        tables = [one for one in source.sources.values() if isinstance(one, exp.Table)]
        passes_all = any(select.is_star for select in source.expression.selects)
        return self._look_into(tables[0], name, depth + 1) if passes_all and len(tables) == 1 else None

    def _list_own_tables(self, scope: Scope) -> Iterator[StatementTable]:
        for source in scope.sources.values():
            if isinstance(source, exp.Table) and source.name:
                yield self._name_table(source)

    def _name_table(self, table: exp.Table) -> StatementTable:
        return StatementTable(table.catalog.lower(), table.db.lower() or self._database, table.name.lower())


def _sort(column: TableColumn, two: TableColumn) -> Join:
    return (column, two) if column <= two else (two, column)


MEGABYTE, MIN_BILLED_MEGABYTES = 2**20, 10
FAILED, SUCCEEDED, CANCELLED = "FAILED", "SUCCEEDED", "CANCELLED"
ENDED_STATES = frozenset({FAILED, SUCCEEDED, CANCELLED})
DML = "DML"
_COUNT = """
INSERT INTO catalog_countedquery (account_id, execution, submitted_at)
SELECT %s, * FROM unnest(%s::uuid[], %s::timestamptz[]) ON CONFLICT DO NOTHING RETURNING execution"""
_STORE_DAYS = """
INSERT INTO catalog_queryday AS row (account_id, day, reader, catalog_id, database, "table", queries, failed, unreadable,
    scanned_bytes, billed_bytes)
SELECT %s, * FROM unnest(%s::date[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[],
    %s::bigint[], %s::bigint[])
ON CONFLICT (account_id, day, reader, catalog_id, database, "table") DO UPDATE SET
    queries = row.queries + excluded.queries, failed = row.failed + excluded.failed,
    unreadable = row.unreadable + excluded.unreadable, scanned_bytes = row.scanned_bytes + excluded.scanned_bytes,
    billed_bytes = row.billed_bytes + excluded.billed_bytes"""
_STORE_COLUMNS = """
INSERT INTO catalog_columnuseday AS row (account_id, day, catalog_id, database, "table", "column", queries)
SELECT %s, * FROM unnest(%s::date[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::bigint[])
ON CONFLICT (catalog_id, database, "table", day, "column", account_id) DO UPDATE SET queries = row.queries + excluded.queries"""
_STORE_JOINS = """
INSERT INTO catalog_joinuseday AS row (account_id, day, catalog_id, database, "table", "column",
    other_catalog_id, other_database, other_table, other_column, queries)
SELECT %s, * FROM unnest(%s::date[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[],
    %s::text[], %s::bigint[])
ON CONFLICT (catalog_id, database, "table", day, "column", other_catalog_id, other_database, other_table, other_column, account_id)
DO UPDATE SET queries = row.queries + excluded.queries"""


class KnownTable(NamedTuple):
    """A table of a connected catalog, by name."""

    catalog: int
    database: str
    table: str


@dataclass(frozen=True)
class RunQuery:
    """A query that has ended, as Athena tells of it. `text` is read and forgotten."""

    execution: UUID
    submitted_at: datetime
    text: str
    database: str
    state: str
    statement_type: str
    scanned_bytes: int

    @property
    def billed_bytes(self) -> int:
        """Whole megabytes, ten at least; nothing for what failed or scanned nothing (Athena pricing)."""
        if self.state == FAILED or self.scanned_bytes <= 0:
            return 0
        return max(MIN_BILLED_MEGABYTES, -(-self.scanned_bytes // MEGABYTE)) * MEGABYTE


Resolved = Mapping[StatementTable, KnownTable]
"""Tables of connected catalogs, as queries name them."""
_Numbers = list[int]


def store_queries(account: int, queries: Sequence[RunQuery], resolved: Resolved) -> int:
    """Count those that are not counted; returns how many. Call it in a transaction."""
    by_id = {query.execution: query for query in queries}
    ids = sorted(by_id)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [account, ids, [by_id[one].submitted_at for one in ids]])
        new = [by_id[execution] for (execution,) in cursor.fetchall()]
    if not new:
        return 0
    by_table = defaultdict(set)
    places = {tuple(table) for table in resolved.values()}
    if places:
        column_rows = Column.objects.filter(
            table__name__in={table for _catalog, _database, table in places},
            table__database__name__in={database for _catalog, database, _table in places},
            table__tombstoned_at=None,
        )
        fields = ("table__database__catalog", "table__database__name", "table__name", "name")
        for *place, name in column_rows.values_list(*fields):
            by_table[tuple(place)].add(name.lower())
    columns = {written: by_table.get(tuple(table), set()) for written, table in resolved.items()}
    counts = _DayCounts(columns)
    rows = QueryReader.objects.filter(execution__in=[one.execution for one in new])
    readers = dict(rows.values_list("execution", "reader"))
    for query in new:
        counts.add(query, readers.get(query.execution, ""), resolved)
    counts.store(account)
    return len(new)


def list_uncounted(account: int, executions: Iterable[str]) -> list[str]:
    """The ids that are not counted, in the same order. One query."""
    ids = list(executions)
    counted = CountedQuery.objects.filter(account=account, execution__in=ids)
    known = {str(one) for one in counted.values_list("execution", flat=True)}
    return [one for one in ids if one not in known]


class _DayCounts:
    """Sums of a batch, so that each row is written once."""

    def __init__(self, columns: Columns) -> None:
        self._known_columns = columns
        self._texts: dict[tuple[str, str], StatementReads] = {}
        self._days: dict[tuple[Any, ...], _Numbers] = defaultdict(lambda: [0] * 5)
        self._columns: Counter[tuple[Any, ...]] = Counter()
        self._joins: Counter[tuple[Any, ...]] = Counter()

    def add(self, query: RunQuery, reader: str, resolved: Resolved) -> None:
        day = query.submitted_at.astimezone(UTC).date()
        reads = self._read(query.text, query.database)
        tables = sorted({known for table in reads.tables if (known := resolved.get(table))})
        has_others = any(table not in resolved for table in reads.tables)
        unreadable = not reads.is_readable and query.statement_type == DML
        whole = [*tables, *([None] if has_others or not tables else [])]
        self._add_tables(query, (day, reader), whole, unreadable=unreadable)
        if query.state == FAILED:
            return
        self._columns.update(
            {(day, *known, column.name) for column in reads.columns if (known := resolved.get(column.table))}
        )
        sides = set()
        for one, two in reads.joins:
            first, second = resolved.get(one.table), resolved.get(two.table)
            if first and second and first != second:
                sides.add((day, *first, one.name, *second, two.name))
                sides.add((day, *second, two.name, *first, one.name))
        self._joins.update(sides)

    def _read(self, text: str, database: str) -> StatementReads:
        """Dashboards send the same text again and again."""
        key = text, database
        if key not in self._texts:
            self._texts[key] = read_statement(text, database, self._known_columns)
        return self._texts[key]

    def _add_tables(
        self, query: RunQuery, key: tuple[date, str], tables: Sequence[KnownTable | None], *, unreadable: bool
    ) -> None:
        """The bytes are divided evenly; what is left of the division goes to the first."""
        for number, table in enumerate(tables):
            row = self._days[*key, *(table or (None, "", ""))]
            share = [
                whole // len(tables) + (whole % len(tables) if number == 0 else 0)
                for whole in (query.scanned_bytes, query.billed_bytes)
            ]
            added = (1, int(query.state == FAILED), int(unreadable), *share)
            row[:] = [was + more for was, more in zip(row, added, strict=True)]

    def store(self, account: int) -> None:
        """In one order, so that two writers never wait for each other in a ring."""
        days = [(*key, *numbers) for key, numbers in self._days.items()]
        _upsert(_STORE_DAYS, account, sorted(days, key=lambda row: (row[2] or 0, *row[:2], *row[3:])))
        _upsert(_STORE_COLUMNS, account, sorted((*key, n) for key, n in self._columns.items()))
        _upsert(_STORE_JOINS, account, sorted((*key, n) for key, n in self._joins.items()))


def _upsert(sql: str, account: int, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(sql, [account, *(list(column) for column in zip(*rows, strict=True))])
