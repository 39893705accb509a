"""Ninety days of reads and queries, by the grants of the history and by the pipelines. May run again: it is told once."""

import random
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from django.db import transaction

from catalog.mirror.models import Table
from catalog.usage.athena import KnownTable, RunQuery, StatementTable, store_queries
from catalog.usage.models import CountedQuery, QueryHistory, ScanPrice, Trail, TrailReading
from catalog.usage.recording import TableRead, store_reads
from demo.bank.accounts import ACCOUNTS, PARTNER
from demo.bank.definitions import Account as BankAccount
from demo.seed.lineage import JOBS
from identity.accounts import Account
from kernel.advisory_locks import AdvisoryLock, hold_session_lock
from kernel.clock import now as database_now
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState

DAYS, SEED, BATCH = 90, 20_260_901, 1000
SPACE = uuid.UUID("0d0b6a5e-54a4-5d5c-8a4e-6cf7ad3f1e7a")
"""Ids of queries are made of names in it, so that a second seed counts none again."""
MEGABYTE = 2**20
PRICES = {"bi": ("5", 100), "ml": ("5", 100), "executives": ("5", 100), "treasury": ("6.75", 100)}
"""USD a terabyte, and since how many days. The sandbox has none: its costs are not known."""
PIPELINE_ACCOUNTS = {account.name.replace("-", "_"): account for account in ACCOUNTS}
WEEKEND = 5
KEYS = ("policy_id", "customer_id", "account_id", "card_id", "fund_id", "client_id", "claim_id")


@dataclass(frozen=True)
class Reader:
    """A role that reads a table between two moments, `every` so many days; `email` of a person who takes the role on."""

    role: str
    account: str
    email: str
    table: Table
    begin: datetime
    end: datetime
    others: tuple[Table, ...] = ()


def seed_usage() -> int:
    """Returns how many queries are counted."""
    now = database_now()
    if not CountedQuery.objects.filter(execution=_build_id("first")).exists():
        _extend_readings(now)
        readers = [*_list_grant_readers(now), *_list_pipeline_readers(now)]
        _store(readers, now)
    return CountedQuery.objects.count()


def _extend_readings(now: datetime) -> None:
    """As if the trails and histories had been read for ninety days."""
    begin = datetime.combine(now.date() - timedelta(days=DAYS - 1), time.min, UTC)
    for trail in Trail.objects.select_related("catalog"):
        with hold_session_lock(AdvisoryLock.TRAIL, trail.pk):
            row = TrailReading.objects.filter(trail=trail).first()
            row = row or TrailReading(trail=trail, place=trail.source, position=now, looked_at=now)
            row.since = row.counted_since = begin
            row.until = row.until or now
            row.save()
    for account in Account.objects.filter(is_consumer=True).exclude(account_id=PARTNER):
        with hold_session_lock(AdvisoryLock.QUERY_HISTORY, account.pk):
            times = {"since": begin, "until": now, "looked_at": now}
            QueryHistory.objects.update_or_create(account=account, defaults=times)


def _list_grant_readers(now: datetime) -> Iterator[Reader]:
    rows = (
        Grant.objects.select_related("principal__account", "item__requester", "table__database__catalog")
        .prefetch_related("table__columns")
        .order_by("pk")
    )
    held: dict[int, list[Table]] = defaultdict(list)
    for grant in rows:
        if not grant.item.target.has_column_choice:
            continue
        others = tuple(held[grant.principal_id][-2:])
        held[grant.principal_id].append(grant.table)
        end = now if grant.state == GrantState.LIVE else min(grant.ended_at or grant.ends_at, now)
        principal = grant.principal
        yield Reader(
            principal.unique_id, principal.account.account_id, grant.item.requester.email, grant.table,
            grant.granted_at, end, others,
        )  # fmt: skip


def _list_pipeline_readers(now: datetime) -> Iterator[Reader]:
    """The jobs of the lineage, in the accounts of their domains."""
    live = Table.objects.filter(tombstoned_at=None).select_related("database__catalog")
    tables = {str(table): table for table in live}
    for job in JOBS:
        account: BankAccount | None = PIPELINE_ACCOUNTS.get(job.domain)
        for name in job.inputs:
            if account and name in tables:
                yield Reader(
                    f"AROAPIPELINE{account.id}",
                    account.id,
                    "",
                    tables[name],
                    now - timedelta(days=DAYS - 1),
                    now,
                )


def _store(readers: Iterable[Reader], now: datetime) -> None:
    reads: dict[int, list[TableRead]] = defaultdict(list)
    queries: dict[str, list[RunQuery]] = defaultdict(list)
    resolved: dict[StatementTable, KnownTable] = {}
    for number, reader in enumerate(readers):
        picks = random.Random(SEED + number)
        for at in _list_times(reader, picks, now):
            reads[reader.table.database.catalog_id].append(_build_read(reader, at))
            if reader.email and reader.account != PARTNER:
                queries[reader.account].append(_build_query(reader, at, picks))
        resolved |= {_name(one): _find(one) for one in (reader.table, *reader.others)}
    first = RunQuery(_build_id("first"), now, "SELECT 1", "", "SUCCEEDED", "DML", 0)
    queries[next(iter(queries), ACCOUNTS[0].id)].append(first)
    accounts = dict(Account.objects.values_list("account_id", "pk"))
    with transaction.atomic():
        for catalog, some in reads.items():
            store_reads(catalog, some, now - timedelta(days=DAYS))
        for account, several in queries.items():
            for begin in range(0, len(several), BATCH):
                store_queries(accounts[account], several[begin : begin + BATCH], resolved)


def _list_times(reader: Reader, picks: random.Random, now: datetime) -> Iterator[datetime]:
    """Office hours on most days, less at weekends; a pipeline each night."""
    day = max(reader.begin, now - timedelta(days=DAYS - 1)).date()
    while day <= reader.end.date():
        most = (1 if day.weekday() >= WEEKEND else 6) if reader.email else 2
        for _count in range(picks.randint(0, most)):
            hour = picks.randint(7, 18) if reader.email else picks.randint(1, 4)
            at = datetime.combine(day, time(hour, picks.randint(0, 59), picks.randint(0, 59)), UTC)
            if reader.begin <= at < min(reader.end, now):
                yield at
        day += timedelta(days=1)


def _build_read(reader: Reader, at: datetime) -> TableRead:
    return TableRead(
        reader.role, reader.account, reader.table.database.name, reader.table.name, at, reader.email
    )


def _build_query(reader: Reader, at: datetime, picks: random.Random) -> RunQuery:
    shape = picks.randrange(4)
    megabytes = picks.randint(40, 900) * (24 if shape == 0 else 6)
    return RunQuery(
        execution=_build_id(f"{reader.role} {reader.table} {at.isoformat()}"),
        submitted_at=at,
        text=_write_text(reader, shape),
        database="links",
        state="FAILED" if picks.random() < 0.04 else "SUCCEEDED",  # noqa: PLR2004 - some fail
        statement_type="DML",
        scanned_bytes=megabytes * MEGABYTE,
    )


def _write_text(reader: Reader, shape: int) -> str:
    """A query of some columns, of all, of a sum, or joined with another table that the role holds."""
    columns = [column.name for column in reader.table.columns.all() if column.classification != "sensitive"]
    own = reader.table.name
    other = next((one for one in reader.others if _find_key(reader.table, one)), None)
    if shape == 0:
        return f'SELECT * FROM "{own}"'  # noqa: S608 - the seed's names
    if shape == 1 and other:
        key = _find_key(reader.table, other)
        return f'SELECT a."{columns[1]}" FROM "{own}" a JOIN "{other.name}" b ON a."{key}" = b."{key}"'  # noqa: S608
    if shape == 2:  # noqa: PLR2004
        return f'SELECT "{columns[-1]}", count(*) FROM "{own}" GROUP BY 1'  # noqa: S608
    listed = ", ".join(f'"{name}"' for name in columns[:4])
    return f'SELECT {listed} FROM "{own}" WHERE "{columns[2 % len(columns)]}" IS NOT NULL'  # noqa: S608


def _find_key(one: Table, two: Table) -> str:
    """A key that both have; empty if there is none, or they are the same."""
    names = {column.name for column in one.columns.all()} & {column.name for column in two.columns.all()}
    return next((key for key in KEYS if key in names), "") if one.pk != two.pk else ""


def _name(table: Table) -> StatementTable:
    return StatementTable("", "links", table.name)


def _find(table: Table) -> KnownTable:
    return KnownTable(table.database.catalog_id, table.database.name, table.name)


def _build_id(name: str) -> uuid.UUID:
    return uuid.uuid5(SPACE, name)


def seed_prices() -> int:
    """Returns how many there are."""
    now = database_now()
    accounts = {account.name: account.id for account in ACCOUNTS}
    for name, (price, days) in PRICES.items():
        ScanPrice.objects.get_or_create(
            account=Account.objects.get(account_id=accounts[name]),
            defaults={"valid_from": (now - timedelta(days=days)).date(), "per_terabyte": Decimal(price)},
        )
    return len(PRICES)
