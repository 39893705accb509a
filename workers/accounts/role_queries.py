"""Test queries as a grant's role, requested by rows. One pass starts a query, a later one reads its result."""

from django.db.models import QuerySet

from fulfilment.role_queries.models import TestQuery
from identity.accounts.models import Account
from kernel.advisory_locks import AdvisoryLock, try_session_lock
from kernel.clock import now as database_now
from workers.aws import athena
from workers.aws.athena import QueryResult
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.sessions import drop_ended_sessions, get_client_as
from workers.recorded_requests import find_refusal

SESSION_NAME = "meshmarket-test-query-%d"  # cloudtrail/records.TEST_QUERY_SESSION reads it back
Outcome = TestQuery.Outcome


def fail_query(query_id: int, reason: str) -> None:
    """Finish a query that failed with an unexpected exception."""
    if row := _list_pending().filter(pk=query_id).first():
        _finish(row, Outcome.FAILED, reason)


def build_session_name(query: TestQuery) -> str:
    """The session name of the query, which CloudTrail shows."""
    return SESSION_NAME % query.pk


def _list_pending() -> QuerySet[TestQuery]:
    return TestQuery.objects.filter(finished_at=None)


def advance_query(pk: int) -> bool:
    """Start the query or read its result; returns whether it has finished."""
    with try_session_lock(AdvisoryLock.TEST_QUERY, pk) as is_ours:
        row = _list_pending().filter(pk=pk).first() if is_ours else None
        if row is None:
            return False
        if not row.allowed_execution and (reason := find_refusal(row, database_now())):
            return _finish(row, Outcome.FAILED, reason)
        try:
            return _start_or_finish(row)
        except AwsError as error:
            drop_ended_sessions(error)
            if error.kind in {ErrorKind.THROTTLED, ErrorKind.SESSION_ENDED, ErrorKind.UNKNOWN}:
                return False  # asked again at the next pass
            return _finish(row, Outcome.FAILED, error.message)


def _start_or_finish(row: TestQuery) -> bool:
    """Whether it has ended with this."""
    access = row.intent.access
    account = Account.objects.get(account_id=access.consumer)
    try:
        aws = get_client_as(
            access.principal_arn,
            "athena",
            account=account,
            region=access.consumer_catalog.region,
            session_name=build_session_name(row),
        )
    except AwsError as error:
        if error.kind is not ErrorKind.DENIED:
            raise
        return _finish(row, Outcome.NOT_TRUSTED, error.message)
    if not row.allowed_execution:
        where = {"database": row.database, "table": row.table}
        if row.refused_column:
            row.refused_execution = athena.start_query(aws, **where, column=row.refused_column)
        row.allowed_execution = athena.start_query(aws, **where, column=row.allowed_column)
        row.save(update_fields=["allowed_execution", "refused_execution"])
    allowed = athena.read_query_result(aws, row.allowed_execution)
    refused = athena.read_query_result(aws, row.refused_execution) if row.refused_execution else None
    if not allowed.state or (refused and not refused.state):
        return False
    return _finish(row, *_judge(row, allowed, refused))


def _judge(row: TestQuery, allowed: QueryResult, refused: QueryResult | None) -> tuple[Outcome, str]:
    if refused and refused.succeeded:
        return Outcome.CONTRADICTED, f"it reads {row.refused_column}, which this grant does not give"
    if allowed.was_refused:
        return Outcome.CONTRADICTED, f"it is refused {row.allowed_column}: {allowed.reason}"
    if not allowed.succeeded or (refused and not refused.was_refused):
        return Outcome.FAILED, allowed.reason or (refused.reason if refused else "")
    return Outcome.PROVEN, ""


def _finish(row: TestQuery, outcome: Outcome, text: str) -> bool:
    row.outcome, row.text, row.finished_at = outcome, text, database_now()
    row.save(update_fields=["outcome", "text", "finished_at"])
    return True
