"""Reads the query history of an account, each workgroup from the newest query to the last one that was counted.

Athena lists ids without times, the newest first. A pass that is cut short leaves a gap below what it counted, so the workgroup
is marked as not caught up, and the next pass lists it to the end; what is counted is not read again.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from background.tasks import StopSignal
from catalog.usage.athena import (
    ENDED_STATES,
    KnownTable,
    RunQuery,
    StatementTable,
    list_uncounted,
    read_statement,
    store_queries,
)
from catalog.usage.models import QueryHistory, WorkgroupReading
from fulfilment.health import read_wall_clock
from identity.accounts import Account, ConnectedCatalog
from kernel.advisory_locks import AdvisoryLock, try_session_lock
from kernel.storable_text import replace_unstorable
from workers.aws.athena import PAGE_SIZE, iterate_execution_pages, list_workgroups, read_executions
from workers.aws.calls import get_repeated_level
from workers.aws.errors import RETRIED_KINDS, AwsError
from workers.aws.glue import GlueReader
from workers.aws.sessions import drop_ended_sessions, get_client
from workers.stop import STOP

OWN_CATALOGS = frozenset({"", "awsdatacatalog"})
Row = dict[str, Any]
SESSION_NAME = "meshmarket-queries"
KEPT_DAYS = 45
"""Athena keeps the history of a query so long (Athena user guide, "View query history")."""
MAX_QUERIES = 2000
"""The queries of one account in one pass: Athena's limits on these calls count for the account's own people, too."""
logger = logging.getLogger(__name__)


def read_query_history(account_id: int, stop: StopSignal = STOP) -> int:
    """Count new queries of the account; returns how many. What AWS refuses is stored in its history."""
    account = Account.objects.get(pk=account_id)
    with try_session_lock(AdvisoryLock.QUERY_HISTORY, account.pk) as is_ours:
        if not is_ours:
            return 0
        now = read_wall_clock()
        history, _is_new = QueryHistory.objects.get_or_create(account=account, defaults={"looked_at": now})
        try:
            return _HistoryReader(account, history, stop).run()
        except AwsError as error:
            drop_ended_sessions(error)
            if error.kind not in RETRIED_KINDS:
                trouble = error.message or error.code
                level = get_repeated_level(trouble, history.trouble)
                history.trouble = trouble
                logger.log(level, "The %s cannot be read: %s", history, error)
            history.looked_at = read_wall_clock()
            history.save(update_fields=["trouble", "looked_at"])
            return 0


class _HistoryReader:
    def __init__(self, account: Account, history: QueryHistory, stop: StopSignal) -> None:
        self._account, self._history, self._stop = account, history, stop
        self._athena = get_client(
            "athena", account=account, role="observer", region=account.region, session_name=SESSION_NAME
        )
        self._names = TableNames(account, account.region)
        self._began = read_wall_clock()
        self._count = 0

    def run(self) -> int:
        names = list_workgroups(self._athena)
        are_whole = [
            self._read_workgroup(WorkgroupReading.objects.get_or_create(history=self._history, name=name)[0])
            for name in names
        ]
        if all(are_whole):
            # A pass reaches back as far as Athena does. After a longer pause the period starts anew.
            history, reach = self._history, self._began - timedelta(days=KEPT_DAYS)
            if history.until is None or history.since is None or history.until < reach:
                history.since = reach
            history.until = self._began - timedelta(seconds=settings.QUERY_HISTORY_DELAY)
            history.since = min(history.since, history.until)
        self._history.trouble, self._history.looked_at = "", self._began
        self._history.save()
        return self._count

    def _read_workgroup(self, reading: WorkgroupReading) -> bool:
        """Whether all of its queries are counted now."""
        was_caught_up, reading.is_caught_up = reading.is_caught_up, False
        pending = list(reading.pending)
        for begin in range(0, len(pending), PAGE_SIZE):
            self._store_page(reading, pending[begin : begin + PAGE_SIZE])
        for page in iterate_execution_pages(self._athena, reading.name):
            new = list_uncounted(self._account.pk, page)
            if was_caught_up and not [one for one in new if one not in reading.pending]:
                break
            if self._stop.is_set() or self._count >= MAX_QUERIES:
                return False
            self._store_page(reading, new)
        reading.is_caught_up = True
        reading.save()
        return True

    def _store_page(self, reading: WorkgroupReading, ids: list[str]) -> None:
        """Counts and the reading's state are one transaction. Ids that Athena no longer has are dropped."""
        rows = read_executions(self._athena, ids)
        latest = self._began - timedelta(seconds=settings.QUERY_HISTORY_DELAY)
        ended = [query for row in rows if (query := parse_execution(row)) and query.submitted_at <= latest]
        counted = {str(query.execution) for query in ended}
        waiting = [str(row.get("QueryExecutionId")) for row in rows if parse_is_waiting(row, latest)]
        resolved = dict(self._resolve(ended))
        with transaction.atomic():
            self._count += store_queries(self._account.pk, ended, resolved)
            others = [one for one in reading.pending if one not in ids and one not in counted]
            reading.pending = list(dict.fromkeys([*others, *waiting]))
            reading.save()

    def _resolve(self, queries: list[RunQuery]) -> Iterator[tuple[StatementTable, KnownTable]]:
        for text, database in {(query.text, query.database) for query in queries}:
            for table in read_statement(text, database).tables:
                if known := self._names.find(table):
                    yield table, known


def parse_execution(row: dict[str, Any]) -> RunQuery | None:
    """None for what has not ended, or lacks what Athena always tells."""
    status, statistics = row.get("Status") or {}, row.get("Statistics") or {}
    submitted, state = status.get("SubmissionDateTime"), str(status.get("State"))
    execution = _parse_id(row.get("QueryExecutionId"))
    if execution is None or not isinstance(submitted, datetime) or state not in ENDED_STATES:
        return None
    context = row.get("QueryExecutionContext") or {}
    return RunQuery(
        execution=execution,
        submitted_at=submitted,
        text=str(row.get("Query") or ""),
        database=replace_unstorable(str(context.get("Database") or ""), 255),
        state=state,
        statement_type=str(row.get("StatementType") or ""),
        scanned_bytes=max(0, int(statistics.get("DataScannedInBytes") or 0)),
    )


def parse_is_waiting(row: dict[str, Any], latest: datetime) -> bool:
    """Whether the query is to be read again later: it still runs, or CloudTrail may not yet say who ran it."""
    status = row.get("Status") or {}
    submitted = status.get("SubmissionDateTime")
    is_new = isinstance(submitted, datetime) and submitted > latest
    return is_new or str(status.get("State")) not in ENDED_STATES


def _parse_id(value: Any) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


class TableNames:
    """Names of tables in one account and region. Each database and table is looked up once."""

    def __init__(self, account: Account, region: str) -> None:
        self._account, self._region = account, region
        self._glue = GlueReader(account, region)
        self._databases: dict[str, Row | None] = {}
        self._found: dict[StatementTable, KnownTable | None] = {}

    def find(self, name: StatementTable) -> KnownTable | None:
        """None for what is of no connected catalog, or is gone. AwsError where AWS cannot be asked just now."""
        if name not in self._found:
            self._found[name] = self._look_up(name)
        return self._found[name]

    def _look_up(self, name: StatementTable) -> KnownTable | None:
        if name.catalog not in OWN_CATALOGS or not name.database:
            return None
        database = self._find_database(name.database)
        if database is None:
            return None
        if target := database.get("TargetDatabase"):
            return self._find_known({**target, "Name": name.name})
        table = _ask(lambda: self._glue.find_table(name.database, name.name))
        target = (table or {}).get("TargetTable")
        own = {"CatalogId": self._account.account_id, "DatabaseName": name.database, "Name": name.name}
        return self._find_known(target or own)

    def _find_database(self, name: str) -> Row | None:
        if name not in self._databases:
            self._databases[name] = _ask(lambda: self._glue.find_database(name))
        return self._databases[name]

    def _find_known(self, target: Row) -> KnownTable | None:
        account, _colon, path = str(target.get("CatalogId", "")).partition(":")
        rows = ConnectedCatalog.objects.filter(
            account__account_id=account, region=target.get("Region") or self._region, path=path
        )
        catalog = rows.values_list("pk", flat=True).first()
        names = str(target.get("DatabaseName", "")).lower(), str(target.get("Name", "")).lower()
        return KnownTable(catalog, *names) if catalog and all(names) else None


def _ask(read: Any) -> Row | None:
    """None for what the observer may not see."""
    try:
        found: Row | None = read()
    except AwsError as error:
        if error.kind in RETRIED_KINDS:
            raise
        return None
    return found
