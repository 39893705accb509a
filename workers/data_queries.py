"""Queries of tables, requested by rows, run through Athena as the caller's role.

Whether the caller may still read the columns is checked before the query starts and before its rows are stored: the row alone
proves no right. Rows are neither logged nor put into events. Athena keeps its own copy in the workgroup's location.
"""

import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

from django.conf import settings

from kernel.advisory_locks import AdvisoryLock, try_session_lock
from kernel.clock import now as database_now
from kernel.storable_text import replace_unstorable
from requests_app.data_queries.filters import build_conditions
from requests_app.data_queries.models import DataQuery
from requests_app.data_queries.progress import (
    end_cancelled_query,
    fail_query,
    mark_started,
    store_profile,
    succeed_query,
)
from requests_app.data_queries.sql import build_profile, build_select
from requests_app.data_queries.states import OPEN_QUERY_STATES, QueryProblem
from requests_app.data_queries.values import ValueKind, get_kind
from workers.aws import athena
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.sessions import drop_ended_sessions, get_client_as
from workers.recorded_requests import find_refusal

SESSION_NAME = "meshmarket-query-%d"
PAUSES = (0.2, 0.4, 0.8, 1.6)
"""Seconds between looks at a query in one pass; a query that still runs then is looked at in the next."""
RETRIED = frozenset({ErrorKind.THROTTLED, ErrorKind.SESSION_ENDED, ErrorKind.UNKNOWN})
MAX_SAMPLE_VALUE = 200
"""Characters of a value in a sample."""
MAX_RESULT_BYTES = 10_000_000
Problem = QueryProblem
Rows = Sequence[Sequence[str | None]]


class QueryFailedError(Exception):
    """Ends the query with a problem."""

    def __init__(self, problem: QueryProblem, reason: str = "") -> None:
        super().__init__(reason)
        self.problem, self.reason = problem, reason


def advance_query(pk: int) -> bool:
    """Start the query, or read its result; returns whether it has ended."""
    with try_session_lock(AdvisoryLock.DATA_QUERY, pk) as is_ours:
        query = _find_open(pk) if is_ours else None
        if query is None:
            return False
        try:
            return _advance(query)
        except QueryFailedError as error:
            return _fail(query, error.problem, error.reason)
        except AwsError as error:
            drop_ended_sessions(error)
            if error.kind in RETRIED and not _is_late(query):
                return False  # tried again at the next pass
            return _fail(
                query, Problem.TOO_LONG if _is_late(query) else Problem.ATHENA_REFUSED, error.message
            )


def fail_unexpectedly(pk: int, reason: str) -> None:
    """Finish a query that failed with an unexpected exception."""
    if query := _find_open(pk):
        _fail(query, Problem.UNEXPECTED, reason)


def _find_open(pk: int) -> DataQuery | None:
    rows = DataQuery.objects.filter(pk=pk, state__in=OPEN_QUERY_STATES)
    return rows.select_related(
        "table__database__catalog__account",
        "table__database__domain",
        "principal__account",
        "requested_by",
        "token",
    ).first()


def _fail(query: DataQuery, problem: QueryProblem, reason: str) -> bool:
    fail_query(query, problem, reason, database_now())
    return True


def _is_late(query: DataQuery) -> bool:
    return database_now() >= query.requested_at + timedelta(seconds=settings.QUERY_DEADLINE)


def _advance(query: DataQuery) -> bool:
    if query.cancelled_at is not None and not query.execution:
        end_cancelled_query(query, database_now())
        return True
    if not query.execution:
        _check_allowed(query)
    client = _get_client(query)
    if not query.execution:
        limit = athena.read_scan_limit(client, query.workgroup)
        if limit is None or limit > settings.QUERY_MAX_BYTES:
            raise QueryFailedError(Problem.NO_SCAN_LIMIT)
        sql, parameters = _build_statement(query)
        token = f"meshmarket-data-query-{query.pk}-{query.requested_at.timestamp():.6f}"
        execution = athena.start_statement(client, sql, parameters, workgroup=query.workgroup, token=token)
        mark_started(query, execution, database_now())
    if query.cancelled_at is not None or _is_late(query):
        athena.stop_query(client, query.execution)
        if query.cancelled_at is not None:
            end_cancelled_query(query, database_now())
            return True
        raise QueryFailedError(Problem.TOO_LONG)
    result = _wait(client, query.execution)
    if not result.state:
        return False
    if not result.succeeded:
        problem = Problem.ATHENA_REFUSED if result.was_refused else Problem.ATHENA_FAILED
        raise QueryFailedError(problem, result.reason)
    _store(query, client, result.scanned_bytes)
    return True


def _get_client(query: DataQuery) -> Any:
    principal = query.principal
    region = principal.account.region
    if query.kind == DataQuery.Kind.PROFILE:
        region = query.table.database.catalog.region
    try:
        return get_client_as(
            principal.arn,
            "athena",
            account=principal.account,
            region=region,
            session_name=SESSION_NAME % query.pk,
        )
    except AwsError as error:
        if error.kind is ErrorKind.DENIED:
            raise QueryFailedError(Problem.NOT_TRUSTED, error.message) from error
        raise


def _check_allowed(query: DataQuery) -> None:
    if reason := find_refusal(query, database_now()):
        raise QueryFailedError(Problem.ACCESS_ENDED, reason)


def _build_statement(query: DataQuery) -> tuple[str, list[str]]:
    place = {"database": query.database, "table": query.table.name}
    types = dict(query.table.columns.values_list("name", "type"))
    if query.kind == DataQuery.Kind.PROFILE:
        ranged = [get_kind(types[name]) != ValueKind.OTHER for name in query.columns]
        return build_profile(query.columns, ranged, **place, limit=query.max_rows), []
    conditions = build_conditions(query.filters, types)
    sql = build_select(
        query.columns, **place, conditions=[condition.sql for condition in conditions], limit=query.max_rows
    )
    return sql, [value for condition in conditions for value in condition.parameters]


def _wait(client: Any, execution: str) -> athena.QueryResult:
    """The result, or none yet after some seconds."""
    result = athena.read_query_result(client, execution)
    for pause in PAUSES:
        if result.state:
            break
        time.sleep(pause)
        result = athena.read_query_result(client, execution)
    return result


def _store(query: DataQuery, client: Any, scanned_bytes: int | None) -> None:
    rows: list[list[str | None]] = []
    size = 0
    for row in islice(athena.iterate_rows(client, query.execution), query.max_rows):
        shown = [_shorten(value) for value in row] if query.kind == DataQuery.Kind.SAMPLE else row
        size += sum(len(value or "") for value in shown)
        if size > MAX_RESULT_BYTES:
            raise QueryFailedError(Problem.TOO_LARGE)
        rows.append([replace_unstorable(value) if value is not None else None for value in shown])
    query.refresh_from_db(fields=["cancelled_at"])
    if query.cancelled_at is not None:
        end_cancelled_query(query, database_now())
        return
    _check_allowed(query)
    if query.kind == DataQuery.Kind.PROFILE:
        store_profile(query, rows[0], scanned_bytes, database_now())
    else:
        succeed_query(query, rows, scanned_bytes, database_now())


def _shorten(value: str | None) -> str | None:
    if value is None or len(value) <= MAX_SAMPLE_VALUE:
        return value
    return f"{value[:MAX_SAMPLE_VALUE]}…"
