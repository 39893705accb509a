"""Counts queries of Athena by day. What a query reads is kept by table and column; its text is not."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from catalog.mirror.models import Column
from catalog.usage.athena.models import CountedQuery
from catalog.usage.athena.statements import Columns, StatementReads, StatementTable, read_statement
from catalog.usage.models import QueryReader

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
    """Those of these ids that are not counted, in the same order. One query."""
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
