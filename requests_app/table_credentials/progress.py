"""Writes what came of a request for credentials. Called by workers; each is one transaction. No event holds a secret."""

import base64
import json
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import Any, NamedTuple

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction

from audit.actions import record_event
from catalog.mirror.models import Table
from requests_app.data_queries.callers import Caller
from requests_app.data_queries.readers import Reader, list_readers
from requests_app.table_credentials.models import CredentialKey, CredentialSecret, TableCredential
from requests_app.table_credentials.states import CREDENTIAL_TRANSITIONS, CredentialProblem, CredentialState

_PURPOSE = b"meshmarket table credentials"
KEY_BYTES = 32
ENGINE = "engine:table_credentials"


def find_current_end(credential: TableCredential, now: datetime) -> datetime | None:
    """Until when the caller may read the whole table as its principal; None if that ended meanwhile."""
    caller = Caller(credential.requested_by, credential.token)
    if not caller.is_active(now):
        return None
    readers = list_readers(caller, credential.table, now)
    reader = next((reader for reader in readers if reader.principal.pk == credential.principal_id), None)
    return find_end(reader, credential.table) if reader else None


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


def _list_whole_readers(caller: Caller, table: Table, now: datetime) -> list[Reader]:
    return [reader for reader in list_readers(caller, table, now) if find_end(reader, table) is not None]


def find_end(reader: Reader, table: Table) -> datetime | None:
    """Until when one of the reader's grants gives every column and every row; None without such a grant."""
    names = {column.name for column in table.columns.all()}
    whole = [
        grant.ends_at
        for grant in reader.grants
        if not grant.item.row_filter and (not grant.item.columns or names <= set(grant.item.columns))
    ]
    return max(whole, default=None)


# Encryption of secrets that a worker hands to the web through the database. Each secret has a key of its own,
# beside the site's: the web gets it from the database when the secret is collected.
class SecretWithKey(NamedTuple):
    sealed: bytes
    key: bytes


def seal(secret: dict[str, Any]) -> SecretWithKey:
    key = token_bytes(KEY_BYTES)
    return SecretWithKey(_build_cipher(key).encrypt(json.dumps(secret).encode()), key)


def unseal(sealed: bytes, key: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_build_cipher(key).decrypt(sealed))
    return found


def _build_cipher(key: bytes) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=key, info=_PURPOSE).derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
