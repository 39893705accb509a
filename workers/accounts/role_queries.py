"""Test queries as a grant's role, requested by rows. One pass starts a query, a later one reads its result."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from django.db import connection
from django.db.models import QuerySet

from audit.clock import now as database_now
from fulfilment.background.parts import Faults
from fulfilment.role_queries.models import RoleQuery
from identity.accounts.models import Account
from workers.aws import athena
from workers.aws.athena import Ended
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.sessions import client_as, forget

QUERY_LOCK = 5_207_120
SESSION = "meshmarket-test-query-%d"  # cloudtrail/records.OWN_SESSION reads it back
Outcome = RoleQuery.Outcome


def query_asked() -> int:
    """Go on with each query that people asked for; returns how many have ended."""
    count, faults = 0, Faults()
    for pk in _waiting().order_by("pk").values_list("pk", flat=True):
        with faults.caught(f"role query {pk}", partial(_give_up, pk)):
            count += _go_on(pk)
    faults.raise_first()
    return count


def _give_up(pk: int, reason: str) -> None:
    if row := _waiting().filter(pk=pk).first():
        _finish(row, Outcome.FAILED, reason)


def session_of(query: RoleQuery) -> str:
    """The name of the session in which the query runs, as CloudTrail shows it."""
    return SESSION % query.pk


def _waiting() -> QuerySet[RoleQuery]:
    return RoleQuery.objects.filter(finished_at=None)


def _go_on(pk: int) -> bool:
    with _alone(pk) as is_ours:
        row = _waiting().filter(pk=pk).first() if is_ours else None
        if row is None:
            return False
        try:
            return _step(row)
        except AwsError as error:
            forget(error)
            if error.kind in {ErrorKind.THROTTLED, ErrorKind.ENDED, ErrorKind.UNKNOWN}:
                return False  # asked again at the next pass
            return _finish(row, Outcome.FAILED, error.message)


def _step(row: RoleQuery) -> bool:
    """Whether it has ended with this."""
    access = row.intent.access
    account = Account.objects.get(account_id=access.consumer)
    try:
        aws = client_as(
            access.principal_arn,
            "athena",
            account=account,
            region=access.consumer_region,
            session_name=session_of(row),
        )
    except AwsError as error:
        if error.kind is not ErrorKind.DENIED:
            raise
        return _finish(row, Outcome.NOT_TRUSTED, error.message)
    if not row.allowed_execution:
        where = {"database": row.database, "table": row.table}
        if row.refused_column:
            row.refused_execution = athena.start(aws, **where, column=row.refused_column)
        row.allowed_execution = athena.start(aws, **where, column=row.allowed_column)
        row.save(update_fields=["allowed_execution", "refused_execution"])
    allowed = athena.ended(aws, row.allowed_execution)
    refused = athena.ended(aws, row.refused_execution) if row.refused_execution else None
    if not allowed.state or (refused and not refused.state):
        return False
    return _finish(row, *_judged(row, allowed, refused))


def _judged(row: RoleQuery, allowed: Ended, refused: Ended | None) -> tuple[Outcome, str]:
    if refused and refused.succeeded:
        return Outcome.CONTRADICTED, f"it reads {row.refused_column}, which this grant does not give"
    if allowed.was_refused:
        return Outcome.CONTRADICTED, f"it is refused {row.allowed_column}: {allowed.reason}"
    if not allowed.succeeded or (refused and not refused.was_refused):
        return Outcome.FAILED, allowed.reason or (refused.reason if refused else "")
    return Outcome.PROVEN, ""


def _finish(row: RoleQuery, outcome: Outcome, text: str) -> bool:
    row.outcome, row.text, row.finished_at = outcome, text, database_now()
    row.save(update_fields=["outcome", "text", "finished_at"])
    return True


@contextmanager
def _alone(pk: int) -> Iterator[bool]:
    """Whether the row is ours; the lock goes with the session if we are killed, and another goes on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [QUERY_LOCK, pk])
        is_ours = bool(cursor.fetchone()[0])
        try:
            yield is_ours
        finally:
            if is_ours:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [QUERY_LOCK, pk])
