"""Column statistics of the tables that products hold. AWS tells them table by table, so that each reading of a catalog
asks for some, the longest waiting first.
"""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings

from audit.clock import now as database_now
from catalog.mirror.column_statistics import due_tables, figures_of, store_statistics
from catalog.mirror.models import Table
from identity.accounts.models import ConnectedCatalog
from workers.aws import rate_limit, reads
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.sessions import client

MOST = 200
PAUSE = 0.05
OPERATION = "GetColumnStatisticsForTable"


def read_statistics(catalog: ConnectedCatalog, stop: threading.Event, session_name: str) -> int:
    """Returns of how many tables an answer is kept; of one that AWS refuses, its words. Throttled, it ends at once."""
    account, before = catalog.account, database_now() - timedelta(seconds=settings.STATISTICS_EVERY)
    waiting = due_tables(catalog, before, MOST)
    if not waiting:
        return 0
    glue = client("glue", account=account, role="observer", region=catalog.region, session_name=session_name)
    catalog_id = ":".join(filter(None, [account.account_id, catalog.path]))
    kept = 0
    for table in _by_turns(catalog, waiting, stop):
        try:
            figures, error = figures_of(_read(glue, catalog_id, table)), ""
        except AwsError as refused:
            if refused.kind is ErrorKind.THROTTLED:
                rate_limit.adapt(
                    account.account_id, catalog.region, OPERATION, throttled=True, limit=rate_limit.of_reads()
                )
                break
            figures, error = [], str(refused)
        store_statistics(table.pk, figures, error, database_now())
        kept += 1
    return kept


def _read(glue: Any, catalog_id: str, table: Table) -> list[dict[str, Any]]:
    names = [column.name for column in table.columns.all()]
    return reads.column_statistics(glue, catalog_id, table.database.name, table.name, names)


def _by_turns(catalog: ConnectedCatalog, waiting: list[Table], stop: threading.Event) -> Iterator[Table]:
    """Each once the rate that all workers share allows it; none after `stop`."""
    for table in waiting:
        while not rate_limit.take(
            catalog.account.account_id, catalog.region, OPERATION, rate_limit.of_reads()
        ):
            if stop.wait(PAUSE):
                return
        if stop.is_set():
            return
        yield table
