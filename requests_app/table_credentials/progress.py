"""Writes what came of a request for credentials. Called by workers; each is one transaction. No event holds a secret."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from audit.actions import record_event
from requests_app.data_queries.callers import Caller
from requests_app.data_queries.readers import list_readers
from requests_app.table_credentials.models import CredentialKey, CredentialSecret, TableCredential
from requests_app.table_credentials.sealing import seal
from requests_app.table_credentials.states import CREDENTIAL_TRANSITIONS, CredentialProblem, CredentialState
from requests_app.table_credentials.whole_tables import find_end

ENGINE = "engine:table_credentials"


def find_current_end(credential: TableCredential, now: datetime) -> datetime | None:
    """Until when the caller may read the whole table as its principal; None if that ended meanwhile."""
    caller = Caller(credential.requested_by, credential.token)
    if not caller.is_active(now):
        return None
    readers = list_readers(caller, credential.table, now)
    found = next((one for one in readers if one.principal.pk == credential.principal_id), None)
    return find_end(found, credential.table) if found else None


@transaction.atomic
def store_secret(
    credential: TableCredential, secret: dict[str, Any], expires_at: datetime, now: datetime
) -> None:
    """Kept encrypted until it is collected, a minute at most."""
    sealed, key = seal(secret)
    CredentialSecret.objects.create(credential=credential, sealed=sealed, created_at=now)
    CredentialKey.objects.create(credential=credential, key=key)
    credential.state = CREDENTIAL_TRANSITIONS.check(credential.state, CredentialState.READY)
    credential.vended_at, credential.expires_at = now, expires_at
    credential.save(update_fields=["state", "vended_at", "expires_at"])
    _record(credential, now)


@transaction.atomic
def fail_credential(
    credential: TableCredential, problem: CredentialProblem, error: str, now: datetime
) -> None:
    credential.state = CREDENTIAL_TRANSITIONS.check(credential.state, CredentialState.FAILED)
    credential.problem, credential.error = problem, error
    credential.save(update_fields=["state", "problem", "error"])
    _record(credential, now)


def _record(credential: TableCredential, now: datetime) -> None:
    is_person = credential.requested_by_id is not None
    data = {
        "what": str(credential.table),
        "table": credential.table_id,
        "principal": credential.principal.arn,
        "state": str(credential.state),
        "problem": str(credential.problem),
        "expires_at": credential.expires_at.isoformat() if credential.expires_at else None,
        **({"person": credential.requested_by_id} if is_person else {"token": credential.token_id}),
    }
    record_event(verb="vend_credentials", actor=ENGINE, subject=credential.subject, data=data, now=now)


def erase_uncollected_secrets(*, now: datetime) -> int:
    """Returns how many there were."""
    limit = now - timedelta(seconds=settings.CREDENTIAL_SECRET_SECONDS)
    ids = list(CredentialSecret.objects.filter(created_at__lt=limit).values_list("credential", flat=True))
    for pk in ids:
        _erase_secret(pk)
    return len(ids)


@transaction.atomic
def _erase_secret(credential_id: int) -> None:
    """One that is being collected just now counts as collected."""
    credential = TableCredential.objects.select_for_update(of=("self",)).get(pk=credential_id)
    CredentialSecret.objects.filter(credential=credential).delete()
    CredentialKey.objects.filter(credential=credential).delete()
    if credential.state == CredentialState.READY:
        credential.state = CREDENTIAL_TRANSITIONS.check(credential.state, CredentialState.LAPSED)
        credential.save(update_fields=["state"])
