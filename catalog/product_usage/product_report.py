"""What was read of some tables: by day and team, columns, joins and costs."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q, Sum

from catalog.mirror.models import Table
from catalog.product_usage.costs import AMOUNT, PRICED, PRICES, Cost, ScanSum, add_costs, build_scan_sum
from catalog.products.may import is_product_owner, visible_tables
from catalog.products.models import DataProduct
from catalog.usage.models import ColumnUseDay, QueryHistory, TrailReading
from identity.accounts import Account
from identity.people.may import can_read_everything, get_team_ids, is_member
from identity.people.models import Person, Team
from kernel.verdicts import ALLOWED, Verdict, refusal


@dataclass(frozen=True)
class UsageExtent:
    """`names_teams`: sees which teams read it, not only how many. `teams` are those whose costs the person sees; None for
    all of them.
    """

    names_teams: bool
    teams: frozenset[int] | None

    def covers(self, team: int | None) -> bool:
        return self.teams is None or team in self.teams


def get_usage_extent(person: Person, product: DataProduct) -> UsageExtent:
    """Owners and whoever reads the whole mesh see all; others the costs of their own teams."""
    if can_read_everything(person) or is_product_owner(person, product):
        return UsageExtent(True, None)
    return UsageExtent(False, get_team_ids(person))


def may_view_product_costs(person: Person, product: DataProduct) -> bool:
    """Whether the person may see the costs of all teams."""
    return get_usage_extent(person, product).teams is None


def may_view_team_usage(person: Person, team: Team) -> Verdict:
    """Its members, and whoever reads the whole mesh."""
    if is_member(person, team) or can_read_everything(person):
        return ALLOWED
    return refusal("Only members of the team can see what it uses.")


PERIOD_DAYS = (30, 90, 365)
MAX_COLUMNS, MAX_JOINS = 15, 40
_PLACES = """places AS (
  SELECT * FROM unnest(%(catalogs)s::bigint[], %(databases)s::text[], %(tables)s::text[]) AS place(catalog_id, database, "table"))"""
_READS = f"""
WITH {_PLACES}, said AS (
  SELECT row.day, row.account, sum(row.reads) AS reads
    FROM catalog_usageday row JOIN places USING (catalog_id, database, "table") WHERE row.day >= %(since)s GROUP BY 1, 2)
SELECT said.day, said.account, said.reads, team.id, team.name, team.slug, account.name, history.since, history.trouble
  FROM said LEFT JOIN identity_account account ON account.account_id = said.account
  LEFT JOIN identity_team team ON team.id = account.team_id
  LEFT JOIN catalog_queryhistory history ON history.account_id = account.id
 ORDER BY 1"""  # noqa: S608 - no values
_QUERIES = f"""
WITH {_PLACES}, {PRICES}, said AS (
  SELECT row.account_id, row.day, sum(row.queries) AS queries, sum(row.scanned_bytes) AS scanned_bytes, sum(row.billed_bytes) AS billed_bytes
    FROM catalog_queryday row JOIN places USING (catalog_id, database, "table") WHERE row.day >= %(since)s GROUP BY 1, 2),
costs AS (
  SELECT jsonb_build_array(account.team_id, sum(said.queries), sum(said.scanned_bytes), sum(said.billed_bytes), price.currency,
      ({AMOUNT})::text) AS row, 0 AS position
    FROM said JOIN identity_account account ON account.id = said.account_id {PRICED}
   GROUP BY account.team_id, price.currency),
columns AS (
  SELECT jsonb_build_array("table", "column", sum(queries)) AS row, row_number() OVER (ORDER BY sum(queries) DESC, "column") AS position
    FROM catalog_columnuseday JOIN places USING (catalog_id, database, "table") WHERE day >= %(since)s
   GROUP BY catalog_id, database, "table", "column" ORDER BY position LIMIT {MAX_COLUMNS}),
joins AS (
  SELECT jsonb_build_array("table", "column", other_catalog_id, other_database, other_table, other_column, sum(queries)) AS row,
      row_number() OVER (ORDER BY sum(queries) DESC, other_table) AS position
    FROM catalog_joinuseday JOIN places USING (catalog_id, database, "table")
   WHERE day >= %(since)s AND (other_catalog_id, other_database, other_table) NOT IN (SELECT catalog_id, database, "table" FROM places)
   GROUP BY catalog_id, database, "table", "column", other_catalog_id, other_database, other_table, other_column
   ORDER BY position LIMIT {MAX_JOINS})
SELECT 'cost', row, position FROM costs UNION ALL SELECT 'column', row, position FROM columns
UNION ALL SELECT 'join', row, position FROM joins ORDER BY 1, 3"""  # noqa: S608 - no values


class Place(NamedTuple):
    """A table of a connected catalog, by name."""

    catalog: int
    database: str
    table: str


class _ReadRow(NamedTuple):
    """The reads of an account on a day. `account` is its number; the rest is None for one that is not connected."""

    day: date
    account: str
    reads: Decimal
    team: int | None
    team_name: str | None
    team_slug: str | None
    account_name: str | None
    history_since: datetime | None
    history_trouble: str | None

    @property
    def is_history_read(self) -> bool:
        return self.history_since is not None and not self.history_trouble


@dataclass(frozen=True)
class TeamReads:
    """`team` is None for readers of an account that is not connected, and `name` its number. `last` is the day of the last read."""

    team: int | None
    name: str
    slug: str
    accounts: tuple[str, ...]
    reads: int
    last: date
    cost: Cost | None = None


@dataclass(frozen=True)
class ColumnUse:
    """`column` is `*` for queries of all columns."""

    table: str
    column: str
    queries: int


@dataclass(frozen=True)
class JoinUse:
    """`keys` are pairs of column names, this table's first."""

    table: str
    other: Table
    keys: tuple[tuple[str, str], ...]
    queries: int


@dataclass(frozen=True)
class UnreadAccount:
    """Its roles read the tables, but its query history is not known. `name` is empty where the person may not know it."""

    name: str
    refuses: bool


@dataclass(frozen=True)
class UsageReport:
    """`reads_by_day` holds days with reads. `columns`, `joins` and costs are of accounts whose query history is read, and
    known since `queries_since`; `unread_accounts` are the others. `cost` is of the teams whose costs the person sees.
    """

    since: date
    reads_by_day: Mapping[date, int]
    teams: tuple[TeamReads, ...]
    columns: tuple[ColumnUse, ...]
    joins: tuple[JoinUse, ...]
    cost: Cost
    unread_accounts: tuple[UnreadAccount, ...]
    queries_since: date | None

    @property
    def reads(self) -> int:
        return sum(self.reads_by_day.values())

    @property
    def last(self) -> date | None:
        return max(self.reads_by_day, default=None)


def build_usage_report(
    person: Person, tables: Collection[Table], extent: UsageExtent, since: date
) -> UsageReport:
    """The usage of tables with their databases. Three queries at most; none without tables."""
    places = sorted({get_place(table) for table in tables})
    rows = [_ReadRow(*row) for row in _run(_READS, places, since)] if places else []
    found = _run(_QUERIES, places, since) if places else []
    parts: dict[str, list[Any]] = defaultdict(list)
    for kind, row, _position in found:
        parts[kind].append(json.loads(row))
    sums = [(row[0], build_scan_sum(row[1:])) for row in parts["cost"] if extent.covers(row[0])]
    by_day: dict[date, int] = defaultdict(int)
    for row in rows:
        by_day[row.day] += int(row.reads)
    begun = [row.history_since.date() for row in rows if row.is_history_read and row.history_since]
    return UsageReport(
        since=since,
        reads_by_day=dict(by_day),
        teams=_build_teams(rows, sums, extent),
        columns=tuple(ColumnUse(*row) for row in parts["column"]),
        joins=_build_joins(person, parts["join"]),
        cost=add_costs(one for _team, one in sums),
        unread_accounts=_list_unread(rows, extent),
        queries_since=max(begun, default=None),
    )


def count_column_queries(place: Place, column: str, since: date) -> int | None:
    """None if no query of the table is known. One query."""
    rows = ColumnUseDay.objects.filter(
        catalog=place.catalog, database=place.database, table=place.table, day__gte=since
    )
    sums = rows.aggregate(all=Sum("queries"), own=Sum("queries", filter=Q(column=column)))
    return None if sums["all"] is None else sums["own"] or 0


def get_place(table: Table) -> Place:
    return Place(table.database.catalog_id, table.database.name, table.name)


def get_first_day(today: date, days: int) -> date:
    """The first day of a period of so many days that ends today."""
    return today - timedelta(days=days - 1)


def _run(sql: str, places: Sequence[Place], since: date) -> list[Any]:
    catalogs, databases, tables = (list(column) for column in zip(*places, strict=True))
    said: dict[str, Any] = {"catalogs": catalogs, "databases": databases, "tables": tables, "since": since}
    with connection.cursor() as cursor:
        cursor.execute(sql, said)
        return list(cursor.fetchall())


def _build_teams(
    rows: Sequence[_ReadRow], sums: Sequence[tuple[int | None, ScanSum]], extent: UsageExtent
) -> tuple[TeamReads, ...]:
    """The most frequent readers first."""
    grouped: dict[int | str, list[_ReadRow]] = defaultdict(list)
    for row in rows:
        grouped[row.team or row.account].append(row)
    found = []
    for some in grouped.values():
        first = some[0]
        costs = [one for owner, one in sums if first.team is not None and owner == first.team]
        found.append(
            TeamReads(
                team=first.team,
                name=first.team_name or first.account,
                slug=first.team_slug or "",
                accounts=tuple(sorted({row.account_name or row.account for row in some})),
                reads=sum(int(row.reads) for row in some),
                last=max(row.day for row in some),
                cost=add_costs(costs) if costs and extent.covers(first.team) else None,
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.reads, one.name)))


def _list_unread(rows: Sequence[_ReadRow], extent: UsageExtent) -> tuple[UnreadAccount, ...]:
    unread = {row.account: row for row in rows if not row.is_history_read}
    return tuple(
        UnreadAccount(
            (row.account_name or row.account) if extent.names_teams or extent.covers(row.team) else "",
            refuses=bool(row.history_trouble),
        )
        for _number, row in sorted(unread.items())
    )


def _build_joins(person: Person, rows: Sequence[Any]) -> tuple[JoinUse, ...]:
    """With tables that the person may see. One query, none without rows."""
    if not rows:
        return ()
    wanted = Q(pk__in=())
    for _table, _column, catalog, database, other, *_rest in rows:
        wanted |= Q(database__catalog=catalog, database__name=database, name=other)
    live = visible_tables(person).filter(wanted, tombstoned_at=None).select_related("database")
    others = {get_place(table): table for table in live}
    grouped: dict[tuple[str, Place], list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row[0], Place(*row[2:5])].append(row)
    uses = [
        JoinUse(
            table,
            others[place],
            tuple((row[1], row[5]) for row in some if row[1] and row[5]),
            max(int(row[6]) for row in some),
        )
        for (table, place), some in grouped.items()
        if place in others
    ]
    return tuple(sorted(uses, key=lambda use: (-use.queries, use.other.name)))


@dataclass(frozen=True)
class ReadsCoverage:
    """Between `since` and `until` every read is counted; both None where the log files of some catalog are not read."""

    since: datetime | None = None
    until: datetime | None = None

    def covers(self, day: date) -> bool:
        """Whether a day without a row is one without a read. Of the first day the hours before count as known."""
        return bool(self.since and self.until and self.since.date() <= day <= self.until.date())


def build_reads_coverage(catalogs: Collection[int], readings: Collection[TrailReading]) -> ReadsCoverage:
    """The coverage of all these catalogs together."""
    begun = [
        max(reading.since, reading.counted_since)
        for reading in readings
        if reading.since and reading.until and reading.counted_since
    ]
    ended = [
        reading.until for reading in readings if reading.since and reading.until and reading.counted_since
    ]
    if not begun or len(begun) < len(catalogs):
        return ReadsCoverage()
    since, until = max(begun), min(end for end in ended if end)
    return ReadsCoverage(since, until) if since <= until else ReadsCoverage()


@dataclass(frozen=True)
class AccountHistory:
    """How far the query history of a consuming account is known. `trouble` says why it is not."""

    account: Account
    since: datetime | None = None
    until: datetime | None = None
    trouble: str = ""

    @property
    def is_read(self) -> bool:
        return self.since is not None and not self.trouble


def list_account_histories(accounts: Collection[str]) -> list[AccountHistory]:
    """The histories of these account ids, by name. One query."""
    rows = Account.objects.filter(account_id__in=accounts).select_related("query_history").order_by("name")
    return [_build_history(row) for row in rows]


def _build_history(account: Account) -> AccountHistory:
    history: QueryHistory | None = getattr(account, "query_history", None)
    if history is None:
        return AccountHistory(account)
    return AccountHistory(account, history.since, history.until, history.trouble)
