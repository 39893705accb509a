"""Reads and queries of the claims table, as the workers would store them."""

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from catalog.mirror.models import Table
from catalog.usage.athena import KnownTable, RunQuery, StatementTable, store_queries
from catalog.usage.models import QueryHistory, ScanPrice, Trail, TrailReading
from catalog.usage.recording import count_reads
from identity.accounts import Account, ConnectedCatalog
from tests.database import as_operator, as_role

GIGABYTE = 2**30


def count_table_reads(
    table: Table, day: date, reads: int = 1, reader: str = "AROAREADER", account: str = "310000000001"
) -> None:
    key = table.database.name, table.name, day, reader, account
    with as_role("meshmarket_worker"):
        count_reads(table.database.catalog_id, Counter({key: reads}))


def make_trail_reading(catalog: ConnectedCatalog, since: datetime, until: datetime) -> TrailReading:
    with as_operator():
        trail = Trail.objects.create(catalog=catalog, bucket="logs-of-the-bank")
    with as_role("meshmarket_worker"):
        return TrailReading.objects.create(
            trail=trail, place=trail.source, since=since, until=until, counted_since=since, position=until, looked_at=until
        )  # fmt: skip


def make_query_history(account: Account, until: datetime, trouble: str = "") -> QueryHistory:
    times = {} if trouble else {"since": until - timedelta(days=45), "until": until}
    with as_role("meshmarket_worker"):
        return QueryHistory.objects.create(account=account, looked_at=until, trouble=trouble, **times)


def run_query(text: str, day: date, scanned: int = GIGABYTE, **changes: object) -> RunQuery:
    facts: dict[str, object] = {
        "execution": uuid.uuid4(), "submitted_at": datetime.combine(day, time(9, 30), UTC), "text": text,
        "database": "links", "state": "SUCCEEDED", "statement_type": "DML", "scanned_bytes": scanned,
    }  # fmt: skip
    return RunQuery(**facts | changes)  # type: ignore[arg-type]


def count_queries(account: Account, queries: Sequence[RunQuery], tables: Sequence[Table]) -> int:
    """The tables have links of their own names in the database `links`."""
    resolved = {StatementTable("", "links", table.name): get_known_table(table) for table in tables}
    with as_role("meshmarket_worker"):
        return store_queries(account.pk, queries, resolved)


def get_known_table(table: Table) -> KnownTable:
    return KnownTable(table.database.catalog_id, table.database.name, table.name)


def set_price(
    account: Account, valid_from: date, per_terabyte: str = "5", currency: str = "USD"
) -> ScanPrice:
    return ScanPrice.objects.create(
        account=account, valid_from=valid_from, per_terabyte=Decimal(per_terabyte), currency=currency
    )
