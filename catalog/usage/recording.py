"""Stores the reads that CloudTrail's files tell of. Call it in the transaction that stores the reading's position."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from catalog.usage.models import UsageDay

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
    for one in reads:
        if "@" in one.session:
            key = one.session.lower(), one.account, one.database, one.table
            latest[key] = max(latest.get(key, one.at), one.at)
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
