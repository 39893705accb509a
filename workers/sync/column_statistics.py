"""Reads column statistics of tables in products. AWS returns them table by table, so each sync of a catalog
reads some, the oldest first.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings

from background.tasks import StopSignal
from catalog.mirror.column_statistics import list_due_tables, parse_column_statistics, store_statistics
from catalog.mirror.models import Table
from identity.accounts.models import ConnectedCatalog
from kernel.clock import now as database_now
from workers.aws import rate_limit, reads
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.sessions import get_client

MAX_TABLES = 200
PAUSE = 0.05
OPERATION = "GetColumnStatisticsForTable"


def read_statistics(catalog: ConnectedCatalog, stop: StopSignal, session_name: str) -> int:
    """Returns how many responses were stored; a refusal is stored by its message. Ends when throttled."""
    account, before = catalog.account, database_now() - timedelta(seconds=settings.STATISTICS_EVERY)
    waiting = list_due_tables(catalog, before, MAX_TABLES)
    if not waiting:
        return 0
    glue = get_client(
        "glue", account=account, role="observer", region=catalog.region, session_name=session_name
    )
    catalog_id = ":".join(filter(None, [account.account_id, catalog.path]))
    kept = 0
    for table in _iterate_at_rate(catalog, waiting, stop):
        try:
            figures, error = parse_column_statistics(_read_table_statistics(glue, catalog_id, table)), ""
        except AwsError as refused:
            if refused.kind is ErrorKind.THROTTLED:
                rate_limit.adapt_rate(
                    account.account_id,
                    catalog.region,
                    OPERATION,
                    throttled=True,
                    limit=rate_limit.get_read_limit(),
                )
                break
            figures, error = [], str(refused)
        store_statistics(table.pk, figures, error, database_now())
        kept += 1
    return kept


def _read_table_statistics(glue: Any, catalog_id: str, table: Table) -> list[dict[str, Any]]:
    names = [column.name for column in table.columns.all()]
    return reads.read_column_statistics(glue, catalog_id, table.database.name, table.name, names)


def _iterate_at_rate(catalog: ConnectedCatalog, waiting: list[Table], stop: StopSignal) -> Iterator[Table]:
    """Yield each table when the shared rate limit allows it; ends at `stop`."""
    for table in waiting:
        while not rate_limit.take_token(
            catalog.account.account_id, catalog.region, OPERATION, rate_limit.get_read_limit()
        ):
            if stop.wait(PAUSE):
                return
        if stop.is_set():
            return
        yield table
