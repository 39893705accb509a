"""Writes how a query goes on. Called by workers; each is one transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from audit.actions import record_event
from requests_app.data_queries.models import DataQuery, ResultPage, TableProfile
from requests_app.data_queries.states import QUERY_TRANSITIONS, QueryProblem, QueryState

ENGINE = "engine:data_queries"
PAGE_ROWS = 500


def mark_started(query: DataQuery, execution: str, now: datetime) -> None:
    query.state = QUERY_TRANSITIONS.check(query.state, QueryState.RUNNING)
    query.execution, query.started_at = execution, now
    query.save(update_fields=["state", "execution", "started_at"])


@transaction.atomic
def succeed_query(
    query: DataQuery, rows: Sequence[Sequence[str | None]], scanned_bytes: int | None, now: datetime
) -> None:
    """Keep the rows for some minutes. The event says how many they are, and none of their values."""
    pages = (rows[at : at + PAGE_ROWS] for at in range(0, len(rows), PAGE_ROWS))
    ResultPage.objects.bulk_create(
        ResultPage(query=query, number=number, rows=list(page)) for number, page in enumerate(pages)
    )
    query.expires_at = now + timedelta(minutes=get_kept_minutes(query))
    _finish(query, QueryState.SUCCEEDED, now, row_count=len(rows), scanned_bytes=scanned_bytes)


@transaction.atomic
def store_profile(
    query: DataQuery, counts: Sequence[str | None], scanned_bytes: int | None, now: datetime
) -> None:
    """`counts` are those of `build_profile`."""
    assert query.requested_by is not None
    columns = {
        name: dict(zip(("nulls", "distinct", "least", "greatest"), counts[at : at + 4], strict=True))
        for name, at in zip(query.columns, range(1, len(counts), 4), strict=True)
    }
    for column in columns.values():
        column |= {name: int(column[name] or 0) for name in ("nulls", "distinct")}  # type: ignore[misc]
    looked_at = int(counts[0] or 0)
    said = {
        "columns": columns,
        "row_count": looked_at,
        "measured_at": now,
        "requested_by": query.requested_by,
    }
    TableProfile.objects.update_or_create(table=query.table, defaults=said)
    _finish(query, QueryState.SUCCEEDED, now, row_count=looked_at, scanned_bytes=scanned_bytes)


def get_kept_minutes(query: DataQuery) -> int:
    is_sample = query.kind == DataQuery.Kind.SAMPLE
    return int(settings.SAMPLE_MINUTES if is_sample else settings.QUERY_MINUTES)


@transaction.atomic
def fail_query(query: DataQuery, problem: QueryProblem, error: str, now: datetime) -> None:
    query.problem, query.error = problem, error
    _finish(query, QueryState.FAILED, now)


@transaction.atomic
def end_cancelled_query(query: DataQuery, now: datetime) -> None:
    _finish(query, QueryState.CANCELLED, now)


def _finish(query: DataQuery, state: QueryState, now: datetime, **counts: Any) -> None:
    if query.state == QueryState.WAITING and state == QueryState.SUCCEEDED:
        query.state = QueryState.RUNNING
    query.state, query.finished_at = QUERY_TRANSITIONS.check(query.state, state), now
    for name, count in counts.items():
        setattr(query, name, count)
    if state != QueryState.SUCCEEDED:
        query.filters = []
    query.save(
        update_fields=[
            "state", "finished_at", "expires_at", "row_count", "scanned_bytes", "problem", "error", "filters",
        ]
    )  # fmt: skip
    data = {
        "what": str(query.table),
        "table": query.table_id,
        "kind": query.kind,
        "principal": query.principal.arn,
        "columns": query.columns,
        "state": state.value,
        "problem": query.problem,
        "rows": query.row_count,
        "scanned_bytes": query.scanned_bytes,
        **_describe_caller(query),
    }
    record_event(verb="finish_data_query", actor=ENGINE, subject=query.subject, data=data, now=now)


def _describe_caller(query: DataQuery) -> dict[str, Any]:
    return {"person": query.requested_by_id} if query.requested_by_id else {"token": query.token_id}


def erase_results(queries: Iterable[DataQuery]) -> None:
    """The rows, and the values of the filters."""
    ids = [query.pk for query in queries]
    ResultPage.objects.filter(query__in=ids).delete()
    DataQuery.objects.filter(pk__in=ids).exclude(filters=[]).update(filters=[])
