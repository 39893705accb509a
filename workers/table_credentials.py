"""Credentials for tables, requested by rows, gotten as the caller's role.

Whether the caller may still read the whole table, and until when, is checked again: the row alone proves no right. The secret is
neither logged nor put into events.
"""

from datetime import datetime, timedelta

from django.conf import settings

from kernel.advisory_locks import AdvisoryLock, try_session_lock
from kernel.clock import now as database_now
from requests_app.table_credentials.may import get_table_limit_minutes
from requests_app.table_credentials.models import MIN_MINUTES, TableCredential
from requests_app.table_credentials.progress import fail_credential, find_current_end, store_secret
from requests_app.table_credentials.states import CredentialProblem, CredentialState
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.sessions import drop_ended_sessions, get_client_as
from workers.aws.table_credentials import get_table_credentials
from workers.recorded_requests import NOT_ALLOWED, find_refusal

SESSION_NAME = "meshmarket-credentials-%d"
RETRIED = frozenset({ErrorKind.THROTTLED, ErrorKind.SESSION_ENDED, ErrorKind.UNKNOWN})
MIN_SECONDS = MIN_MINUTES * 60
Problem = CredentialProblem


def vend_credentials(pk: int) -> bool:
    """Get them and keep them to be collected; returns whether this is done."""
    with try_session_lock(AdvisoryLock.TABLE_CREDENTIALS, pk) as is_ours:
        credential = _find_waiting(pk) if is_ours else None
        if credential is None:
            return False
        try:
            return _vend(credential)
        except AwsError as error:
            drop_ended_sessions(error)
            if error.kind in RETRIED and not _is_late(credential):
                return False  # tried again at the next pass
            return _fail(credential, Problem.REFUSED, error.message)


def fail_unexpectedly(pk: int, reason: str) -> None:
    """Finish a request that failed with an unexpected exception."""
    if credential := _find_waiting(pk):
        _fail(credential, Problem.UNEXPECTED, reason)


def _find_waiting(pk: int) -> TableCredential | None:
    rows = TableCredential.objects.filter(pk=pk, state=CredentialState.WAITING)
    related = ("product", "table__database__catalog__account", "principal__account", "requested_by", "token")
    return rows.select_related(*related).first()


def _is_late(credential: TableCredential) -> bool:
    return database_now() >= credential.requested_at + timedelta(seconds=settings.QUERY_DEADLINE)


def _fail(credential: TableCredential, problem: CredentialProblem, reason: str = "") -> bool:
    fail_credential(credential, problem, reason, database_now())
    return True


def _vend(credential: TableCredential) -> bool:
    now = database_now()
    if reason := find_refusal(credential, now):
        problem = Problem.ACCESS_ENDED if reason == NOT_ALLOWED else Problem.REFUSED
        return _fail(credential, problem, reason)
    seconds = _compute_seconds(credential, now)
    if seconds < MIN_SECONDS:
        return _fail(credential, Problem.ACCESS_ENDED)
    if _is_late(credential):
        return _fail(credential, Problem.TOO_LONG)
    catalog, principal = credential.table.database.catalog, credential.principal
    try:
        client = get_client_as(
            principal.arn,
            "lakeformation",
            account=principal.account,
            region=catalog.region,
            session_name=SESSION_NAME % credential.pk,
        )
    except AwsError as error:
        if error.kind is not ErrorKind.DENIED:
            raise
        return _fail(credential, Problem.NOT_TRUSTED, error.message)
    vended = get_table_credentials(client, build_table_arn(credential), seconds=seconds)
    secret = {
        "access_key_id": vended.access_key_id,
        "secret_access_key": vended.secret_access_key,
        "session_token": vended.session_token,
        "expires_at": vended.expires_at.isoformat(),
        "paths": list(vended.paths),
        "region": catalog.region,
    }
    store_secret(credential, secret, vended.expires_at, database_now())
    return True


def _compute_seconds(credential: TableCredential, now: datetime) -> int:
    """Never beyond the grant's end, and at most the owner's limit as it is now."""
    end = find_current_end(credential, now)
    if end is None:
        return 0
    left = int((end - now).total_seconds())
    return min(credential.seconds, left, get_table_limit_minutes(credential.table) * 60)


def build_table_arn(credential: TableCredential) -> str:
    database, account = credential.table.database, credential.table.database.catalog.account
    path = f"{database.catalog.path}/" if database.catalog.path else ""
    place = f"arn:{account.partition}:glue:{database.catalog.region}:{account.account_id}"
    return f"{place}:table/{path}{database.name}/{credential.table.name}"
