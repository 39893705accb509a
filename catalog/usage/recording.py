"""Stores the reads that CloudTrail's files tell of. Call it in the transaction that stores the reading's position."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Q, QuerySet

from catalog.mirror.models import Table
from catalog.usage.models import (
    ColumnUseDay,
    CountedQuery,
    JoinUseDay,
    LastUse,
    PersonLastUse,
    QueryDay,
    QueryReader,
    TrailReading,
    UsageDay,
    get_trail_readings,
)

_STORE_LAST = """
INSERT INTO catalog_lastuse AS row (catalog_id, reader, account, database, "table", at)
SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
ON CONFLICT (catalog_id, database, "table", reader) DO UPDATE SET account = excluded.account, at = excluded.at
WHERE row.at < excluded.at"""
_STORE_DAYS = """
INSERT INTO catalog_usageday AS row (catalog_id, database, "table", day, reader, account, reads)
SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::date[], %s::text[], %s::text[], %s::bigint[])
ON CONFLICT (catalog_id, database, "table", day, reader) DO UPDATE SET reads = row.reads + excluded.reads"""
_STORE_PERSONS = """
INSERT INTO catalog_personlastuse AS row (catalog_id, person_id, account, database, "table", at)
SELECT %s, person.id, said.account, said.database, said."table", max(said.at)
  FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[]) AS said(email, account, database, "table", at)
  JOIN identity_person person ON lower(person.email) = said.email
  JOIN identity_account owner ON owner.account_id = said.account
 WHERE EXISTS (SELECT FROM identity_membership WHERE person_id = person.id AND team_id = owner.team_id)
 GROUP BY person.id, said.account, said.database, said."table" ORDER BY 2, 4, 5
ON CONFLICT (catalog_id, database, "table", person_id) DO UPDATE SET account = excluded.account, at = excluded.at
WHERE row.at < excluded.at"""
_STORE_QUERY_READERS = """
INSERT INTO catalog_queryreader (execution, reader, account, at)
SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::timestamptz[]) ON CONFLICT DO NOTHING"""


@dataclass(frozen=True)
class TableRead:
    """`reader` is AWS's unique id of a role or user, `session` the name of the role's session, `query` Athena's id of the
    query; both may be empty.
    """

    reader: str
    account: str
    database: str
    table: str
    at: datetime
    session: str = ""
    query: UUID | None = None


def store_reads(catalog: int, reads: Sequence[TableRead], counted_from: datetime) -> None:
    """Last uses, counts by day, and who ran which query. Reads before `counted_from` are not counted."""
    _store_last_uses(catalog, reads)
    # Of sessions whose name is the e-mail address of a member of the account's team.
    latest: dict[tuple[str, str, str, str], datetime] = {}
    for read in reads:
        if "@" in read.session:
            key = read.session.lower(), read.account, read.database, read.table
            latest[key] = max(latest.get(key, read.at), read.at)
    if latest:
        _execute(_STORE_PERSONS, [catalog, *_split([(*key, at) for key, at in sorted(latest.items())])])
    rows = {one.query: (one.query, one.reader, one.account, one.at) for one in reads if one.query}
    if rows:
        _execute(_STORE_QUERY_READERS, _split([rows[key] for key in sorted(rows)]))
    count_reads(catalog, Counter(_get_key(one) for one in reads if one.at >= counted_from))


def count_reads(catalog: int, counts: Counter[tuple[Any, ...]]) -> None:
    """Add to the counts by (database, table, day, reader, account). In one order: two writers never wait in a ring."""
    if counts:
        rows = [(*key, number) for key, number in sorted(counts.items())]
        _execute(_STORE_DAYS, [catalog, *_split(rows)])


def forget_counts(catalog: int, since: datetime) -> None:
    """Before the files since then are read again."""
    UsageDay.objects.filter(catalog=catalog, day__gte=since.astimezone(UTC).date()).delete()


def _get_key(read: TableRead) -> tuple[Any, ...]:
    return read.database, read.table, read.at.astimezone(UTC).date(), read.reader, read.account


def _store_last_uses(catalog: int, reads: Sequence[TableRead]) -> None:
    latest: dict[tuple[str, str, str], TableRead] = {}
    for read in reads:
        key = read.database, read.table, read.reader
        latest[key] = max(latest.get(key, read), read, key=lambda one: one.at)
    rows = [
        (one.reader, one.account, one.database, one.table, one.at) for _key, one in sorted(latest.items())
    ]
    if rows:
        _execute(_STORE_LAST, [catalog, *_split(rows)])


def _split(rows: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    """The columns of the rows."""
    return [list(column) for column in zip(*rows, strict=True)]


def _execute(sql: str, parameters: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


KEPT_EXECUTION_DAYS = 60
"""Longer than Athena lists a query, which is 45 days: one that is listed still is known as counted."""


def delete_old_usage(*, now: datetime) -> None:
    """Rows by day after `USAGE_DAYS`. Last uses stay."""
    first_day = (now - timedelta(days=settings.USAGE_DAYS)).date()
    for rows in (UsageDay, QueryDay, ColumnUseDay, JoinUseDay):
        rows._default_manager.filter(day__lt=first_day).delete()  # noqa: SLF001 - Django's own name
    limit = now - timedelta(days=KEPT_EXECUTION_DAYS)
    CountedQuery.objects.filter(submitted_at__lt=limit).delete()
    QueryReader.objects.filter(at__lt=limit).delete()


class TeamUse(NamedTuple):
    """A team that uses a table, perhaps by way of a product."""

    table: int
    product: int | None
    team: int


# A product is used by who uses a table of it. In the order of ids: two writers never wait for each other in a ring.
_STORE_COUNTS = """
WITH said AS (
  SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS said("table", product, team)
), uses AS (
  SELECT "table" AS id, team FROM said
  UNION SELECT -product, team FROM said WHERE product IS NOT NULL
  UNION SELECT -pt.product_id, team FROM said JOIN catalog_producttable pt ON pt.table_id = said."table"
), counted AS (
  SELECT id, count(*) AS teams FROM uses GROUP BY id
), differing AS (
  SELECT d.id, coalesce(counted.teams, 0) AS teams FROM catalog_document d LEFT JOIN counted ON counted.id = d.id
  WHERE (d.teams > 0 OR d.id IN (SELECT id FROM counted)) AND d.teams <> coalesce(counted.teams, 0)
  ORDER BY d.id FOR NO KEY UPDATE OF d
)
UPDATE catalog_document AS row SET teams = differing.teams FROM differing WHERE row.id = differing.id RETURNING row.id"""
# Precomputed completions are in the order of popularity, too. A term is as popular as what it is linked to.
_INVALIDATE_COMPLETIONS = """
SELECT catalog_invalidate_prefixes(ARRAY(
  SELECT name FROM catalog_dataproduct WHERE -id = ANY(%(documents)s)
  UNION SELECT unnest(array_prepend(t.name::text, t.synonyms::text[])) FROM catalog_term t
  JOIN catalog_termlink l ON l.term_id = t.id WHERE coalesce(l.table_id, -l.product_id) = ANY(%(documents)s)), '{}')"""


def store_team_counts(uses: Iterable[TeamUse]) -> int:
    """Count the teams of each table and product by all uses there are; returns how many counts differed."""
    told = list(set(uses))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _STORE_COUNTS,
            [[use.table for use in told], [use.product for use in told], [use.team for use in told]],
        )
        changed = [document for (document,) in cursor.fetchall()]
        if changed:
            cursor.execute(_INVALIDATE_COMPLETIONS, {"documents": changed})
        return len(changed)


@dataclass(frozen=True)
class LastRead:
    """`at` is None if nobody read them since `since`, which is None if some catalog's log files were not read."""

    at: datetime | None
    since: datetime | None


def find_last_read(tables: Iterable[Table], readings: Mapping[int, TrailReading] | None = None) -> LastRead:
    """The last read of any of the tables, whose databases must be loaded. `readings` are those of their catalogs, if
    they are loaded already. Two queries, else one.
    """
    rows = list(tables)
    at = LastUse.objects.filter(_match_tables(rows)).aggregate(at=Max("at"))["at"] if rows else None
    catalogs = {row.database.catalog_id for row in rows}
    known = get_trail_readings(catalogs) if readings is None else readings
    begun = [one.since for one in known.values() if one.since]
    return LastRead(at, max(begun) if begun and len(begun) == len(catalogs) else None)


def list_person_reads(tables: Iterable[Table]) -> QuerySet[PersonLastUse]:
    """The last read of each person, the latest first. With their persons."""
    rows = PersonLastUse.objects.filter(_match_tables(list(tables)))
    return rows.select_related("person").order_by("-at", "pk")


def _match_tables(tables: list[Table]) -> Q:
    wanted = Q(pk__in=[])
    for row in tables:
        wanted |= Q(catalog=row.database.catalog_id, database=row.database.name, table=row.name)
    return wanted
