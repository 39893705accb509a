"""Comparisons of registered tables with their sources, requested by rows, as the engineers' role.

The first query looks for a file of the source. The second reads it on both sides and gives counts and checksums, which do
not depend on the order of rows. Rows never leave Athena.
"""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings

from catalog.registrations.comparisons.models import RowComparison
from catalog.registrations.comparisons.progress import (
    ComparisonResult,
    fail_comparison,
    finish_comparison,
    mark_compared,
    mark_started,
)
from catalog.registrations.comparisons.queries import list_registered
from catalog.registrations.comparisons.states import OPEN_COMPARISON_STATES, ComparisonProblem
from catalog.registrations.effects import build_write_access
from catalog.registrations.sources import find_source_at
from kernel.advisory_locks import AdvisoryLock, try_session_lock
from kernel.clock import now as database_now
from lakeformation.values.registered_tables import RegisteredTable
from requests_app.data_queries.sql import quote_name, quote_text
from workers.aws import athena
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.sessions import drop_ended_sessions, get_client_as
from workers.recorded_requests import find_refusal

SESSION_NAME = "meshmarket-comparison-%d"
PAUSES = (0.2, 0.4, 0.8, 1.6)
"""Seconds between looks at a query in one pass; a query that still runs then is looked at in the next."""
RETRIED = frozenset({ErrorKind.THROTTLED, ErrorKind.SESSION_ENDED, ErrorKind.UNKNOWN})
PATH = '"$path"'
"""Athena's column with the S3 URI of a row's file."""
Problem = ComparisonProblem


class ComparisonFailedError(Exception):
    """Ends the comparison with a problem."""

    def __init__(self, problem: ComparisonProblem, reason: str = "") -> None:
        super().__init__(reason)
        self.problem, self.reason = problem, reason


def advance_comparison(pk: int) -> bool:
    """Start a query of the comparison, or read its result; returns whether the comparison has ended."""
    with try_session_lock(AdvisoryLock.ROW_COMPARISON, pk) as is_ours:
        row = _find_open(pk) if is_ours else None
        if row is None:
            return False
        try:
            return _advance(row)
        except ComparisonFailedError as error:
            return _fail(row, error.problem, error.reason)
        except AwsError as error:
            drop_ended_sessions(error)
            if error.kind in RETRIED and not _is_late(row):
                return False  # tried again at the next pass
            return _fail(row, Problem.TOO_LONG if _is_late(row) else Problem.ATHENA_FAILED, error.message)


def fail_unexpectedly(pk: int, reason: str) -> None:
    """Finish a comparison that failed with an unexpected exception."""
    if row := _find_open(pk):
        _fail(row, Problem.UNEXPECTED, reason)


def _find_open(pk: int) -> RowComparison | None:
    rows = RowComparison.objects.filter(pk=pk, state__in=OPEN_COMPARISON_STATES)
    return rows.select_related(
        "registration__catalog__account",
        "registration__domain__owner_team",
        "registration__producer",
        "registration__engineer__account",
        "table_intent",
        "source__database__catalog",
        "requested_by",
    ).first()


def _fail(row: RowComparison, problem: ComparisonProblem, reason: str) -> bool:
    fail_comparison(row, problem, reason, database_now())
    return True


def _is_late(row: RowComparison) -> bool:
    return database_now() >= (row.started_at or row.requested_at) + timedelta(seconds=settings.QUERY_DEADLINE)


def _advance(row: RowComparison) -> bool:
    if reason := find_refusal(row, database_now()):
        raise ComparisonFailedError(Problem.NOT_ALLOWED, reason)
    registered = list_registered().filter(pk=row.registration_id, table_intent=row.table_intent_id)
    if not registered.exists():
        raise ComparisonFailedError(Problem.NOT_REGISTERED)
    client = _get_client(row)
    if not row.execution:
        _find_file(row, client)
    result = _wait(client, row.execution)
    if not result.state and _is_late(row):
        athena.stop_query(client, row.execution)
        raise ComparisonFailedError(Problem.TOO_LONG)
    if not result.state:
        return False
    if not result.succeeded:
        refused = Problem.TABLE_REFUSED if row.file else Problem.SOURCE_REFUSED
        raise ComparisonFailedError(refused if result.was_refused else Problem.ATHENA_FAILED, result.reason)
    if not row.file:
        _compare_file(row, client)
        return False
    sides = {str(side): values for side, *values in athena.read_rows(client, row.execution)}
    source, table = sides["source"], sides["table"]
    if not int(source[0] or 0):
        raise ComparisonFailedError(Problem.NO_ROWS)
    columns, alone = _list_columns(row)
    differing = [
        name for name, left, right in zip(columns, source[1:], table[1:], strict=True) if left != right
    ]
    finish_comparison(
        row, ComparisonResult(int(source[0] or 0), int(table[0] or 0), [*differing, *alone]), database_now()
    )
    return True


def _get_client(row: RowComparison) -> Any:
    engineer = row.registration.engineer
    try:
        return get_client_as(
            engineer.arn,
            "athena",
            account=engineer.account,
            region=engineer.account.region,
            session_name=SESSION_NAME % row.pk,
        )
    except AwsError as error:
        if error.kind is ErrorKind.DENIED:
            raise ComparisonFailedError(Problem.NOT_TRUSTED, error.message) from error
        raise


def _find_file(row: RowComparison, client: Any) -> None:
    registration = row.registration
    source = find_source_at(registration.producer, registration.location, registration.table)
    if source is None:
        raise ComparisonFailedError(Problem.NO_SOURCE)
    catalog = source.database.catalog
    if catalog.path or catalog.region != registration.engineer.account.region:
        raise ComparisonFailedError(Problem.OTHER_REGION)
    limit = athena.read_scan_limit(client, settings.QUERY_WORKGROUP)
    if limit is None or limit > settings.QUERY_MAX_BYTES:
        raise ComparisonFailedError(Problem.NO_SCAN_LIMIT)
    place = f"{quote_name(source.database.name)}.{quote_name(source.name)}"
    execution = _start(row, client, f"SELECT {PATH} FROM {place} LIMIT 1", "file")  # noqa: S608 - quoted
    mark_started(row, source, execution, database_now())


def _compare_file(row: RowComparison, client: Any) -> None:
    rows = athena.read_rows(client, row.execution)
    file = rows[0][0] if rows else None
    if not file:
        raise ComparisonFailedError(Problem.NO_ROWS)
    source, registration = row.source, row.registration
    assert source is not None
    database = build_write_access(registration).get_consumer_database(registration.database)
    columns, _alone = _list_columns(row)
    sides = [
        _build_side("source", source.database.name, source.name, columns, file),
        _build_side("table", database, registration.table, columns, file),
    ]
    mark_compared(row, file, _start(row, client, " UNION ALL ".join(sides), "rows"))


def _build_side(side: str, database: str, table: str, columns: Sequence[str], file: str) -> str:
    sums = "".join(f", to_hex(checksum({quote_name(name)}))" for name in columns)
    place = f"{quote_name(database)}.{quote_name(table)}"
    return f"SELECT '{side}', count(*){sums} FROM {place} WHERE {PATH} = {quote_text(file)}"  # noqa: S608 - quoted


def _list_columns(row: RowComparison) -> tuple[list[str], list[str]]:
    """Columns of both sides, in the table's order, and those of one side alone. Names are without regard to case."""
    assert row.source is not None
    table = RegisteredTable.from_json(row.table_intent.wanted)
    here = [one.name.lower() for one in (*table.columns, *table.partition_keys)]
    there = [name.lower() for name in row.source.columns.values_list("name", flat=True)]
    return [name for name in here if name in there], sorted({*here} ^ {*there})


def _start(row: RowComparison, client: Any, sql: str, what: str) -> str:
    token = f"meshmarket-row-comparison-{row.pk}-{what}-{row.requested_at.timestamp():.6f}"
    return athena.start_statement(client, sql, [], workgroup=settings.QUERY_WORKGROUP, token=token)


def _wait(client: Any, execution: str) -> athena.QueryResult:
    """The result, or none yet after some seconds."""
    result = athena.read_query_result(client, execution)
    for pause in PAUSES:
        if result.state:
            break
        time.sleep(pause)
        result = athena.read_query_result(client, execution)
    return result
