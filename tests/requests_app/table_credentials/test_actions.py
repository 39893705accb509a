"""Credentials: for whole tables, never beyond the grant's end, given once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from requests_app.data_queries.callers import Caller
from requests_app.grants.actions import revoke_grant
from requests_app.table_credentials.actions import (
    CredentialRequest,
    collect_credentials,
    request_credentials,
    set_credential_limit,
)
from requests_app.table_credentials.models import CredentialSecret, TableCredential
from requests_app.table_credentials.progress import erase_uncollected_secrets, store_secret
from requests_app.table_credentials.states import CredentialState
from tests import factories
from tests.bank import Bank
from tests.data_queries import grant_columns
from tests.database import as_role

SECRET = {"access_key_id": "ASIA1", "secret_access_key": "s3cret", "session_token": "t0ken"}


def ask(bank: Bank, seconds: int | None = None) -> TableCredential:
    wanted = CredentialRequest(str(bank.claims.pk), None, seconds)
    return request_credentials(
        caller=Caller(bank.ana), slug=bank.product.slug, wanted=wanted, now=clock.now()
    )


def vend(credential: TableCredential) -> None:
    with as_role("meshmarket_worker"):
        found = TableCredential.objects.select_related("table__database", "principal").get(pk=credential.pk)
        store_secret(found, SECRET, datetime(2027, 1, 1, tzinfo=UTC), clock.now())


def collect(bank: Bank, credential: TableCredential) -> dict[str, Any]:
    return collect_credentials(caller=Caller(bank.ana), credential_id=credential.pk, now=clock.now())


def test_the_secret_is_given_once_to_who_asked(bank: Bank) -> None:
    grant_columns(bank)
    credential = ask(bank)
    assert credential.seconds == 3600
    with pytest.raises(IllegalTransitionError):
        collect(bank, credential)
    vend(credential)
    with pytest.raises(NotFoundError):
        collect_credentials(caller=Caller(bank.ines), credential_id=credential.pk, now=clock.now())
    assert collect(bank, credential) == SECRET
    with pytest.raises(IllegalTransitionError):
        collect(bank, credential)
    assert not CredentialSecret.objects.exists()


def test_it_is_stored_encrypted_and_in_no_event(bank: Bank) -> None:
    grant_columns(bank)
    vend(ask(bank))
    assert b"s3cret" not in bytes(CredentialSecret.objects.get().sealed)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_event WHERE data::text LIKE '%s3cret%'")
        assert cursor.fetchone()[0] == 0
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'requests_credentialsecret'")
        assert cursor.fetchone()[0] == "u"


def test_what_nobody_collects_is_erased(bank: Bank) -> None:
    grant_columns(bank)
    credential = ask(bank)
    vend(credential)
    with as_role("meshmarket_worker"):
        assert erase_uncollected_secrets(now=clock.now()) == 0
        assert erase_uncollected_secrets(now=clock.now() + timedelta(minutes=2)) == 1
    credential.refresh_from_db()
    assert (credential.state, CredentialSecret.objects.exists()) == (CredentialState.LAPSED, False)


def test_part_of_a_table_gives_no_credentials(bank: Bank) -> None:
    grant_columns(bank, "claim_id")
    with pytest.raises(RefusedError, match="whole files"):
        ask(bank)


def test_they_never_outlast_the_grant(bank: Bank) -> None:
    grant_columns(bank, ends_at=clock.now() + timedelta(minutes=30))
    assert 1700 < ask(bank).seconds <= 1800


def test_a_grant_that_ends_too_soon_gives_none(bank: Bank) -> None:
    grant_columns(bank, ends_at=clock.now() + timedelta(minutes=10))
    with pytest.raises(RefusedError, match="less than 15 minutes"):
        ask(bank)


def test_owners_limit_how_long_they_last(bank: Bank) -> None:
    grant_columns(bank)
    limit: dict[str, Any] = {"acting_user": bank.ines, "slug": bank.product.slug, "now": clock.now()}
    set_credential_limit(**limit, minutes=20)
    assert ask(bank).seconds == 1200
    with pytest.raises(RefusedError, match="900 to 1200 seconds"):
        ask(bank, 1800)
    with pytest.raises(RefusedError, match="15 to 360"):
        set_credential_limit(**limit, minutes=5)
    with pytest.raises(ForbiddenError):
        set_credential_limit(**{**limit, "acting_user": bank.ana}, minutes=20)
    set_credential_limit(**limit, minutes=0)
    with pytest.raises(ForbiddenError, match="give no credentials"):
        ask(bank)


def test_what_waits_to_be_collected_ends_with_the_access(bank: Bank) -> None:
    grant = grant_columns(bank)
    credential = ask(bank)
    vend(credential)
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="Over.", now=clock.now())
    with pytest.raises(RefusedError, match="has ended"):
        collect(bank, credential)


def test_what_waits_to_be_collected_ends_when_the_owners_give_none(bank: Bank) -> None:
    grant_columns(bank)
    credential = ask(bank)
    vend(credential)
    set_credential_limit(acting_user=bank.ines, slug=bank.product.slug, minutes=0, now=clock.now())
    with pytest.raises(ForbiddenError, match="give no credentials"):
        collect(bank, credential)


def test_another_product_of_the_table_does_not_undo_a_limit(bank: Bank) -> None:
    grant_columns(bank)
    other = factories.make_product(bank.product.domain, bank.ines, [bank.claims])
    set_credential_limit(acting_user=bank.ines, slug=bank.product.slug, minutes=0, now=clock.now())
    wanted = CredentialRequest(str(bank.claims.pk))
    with pytest.raises(ForbiddenError, match="give no credentials"):
        request_credentials(caller=Caller(bank.ana), slug=other.slug, wanted=wanted, now=clock.now())
