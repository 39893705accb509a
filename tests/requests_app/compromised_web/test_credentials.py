"""With the web's database role, and all that the web knows, nobody opens a secret that they do not collect on the record."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from identity.people.models import Person
from kernel import clock
from requests_app.grants.actions import revoke_grant
from requests_app.grants.models import Grant
from requests_app.table_credentials.models import TableCredential
from tests.bank import Bank
from tests.data_queries import grant_columns
from tests.requests_app.compromised_web.attacker import run_statement
from tests.requests_app.table_credentials.test_actions import ask, vend

COLLECT = "UPDATE requests_tablecredential SET state = 'collected', collected_at = now() WHERE id = {0}"
RECORD = """INSERT INTO audit_event (at, verb, actor, subject, data, digest)
  VALUES (now(), 'collect_credentials', 'person:{1}', 'table_credential:{0}', '{{}}', 'x')"""
RELEASE = "SELECT requests_release_credential_key({0})"


@pytest.fixture
def credential(bank: Bank) -> TableCredential:
    grant_columns(bank)
    waiting = ask(bank)
    vend(waiting)
    return waiting


def release(statements: list[str], credential: TableCredential, person: Person) -> bytes:
    statement = "; ".join(statements).format(credential.pk, person.pk)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        while cursor.nextset():
            pass
        return bytes(cursor.fetchone()[0])


def test_the_web_reads_no_key(credential: TableCredential) -> None:
    with pytest.raises(DatabaseError, match="permission denied"):
        run_statement("SELECT key FROM requests_credentialkey")


@pytest.mark.parametrize("statements", [[RELEASE], [RECORD, RELEASE], [COLLECT, RELEASE]])
def test_no_key_is_released_without_the_collection_and_its_event(
    bank: Bank, credential: TableCredential, statements: list[str]
) -> None:
    with pytest.raises(IntegrityError, match="not collected by who requested them"):
        release(statements, credential, bank.ana)


def test_no_key_is_released_to_anybody_else(bank: Bank, credential: TableCredential) -> None:
    with pytest.raises(IntegrityError, match="not collected by who requested them"):
        release([COLLECT, RECORD, RELEASE], credential, bank.ines)


def test_no_key_is_released_when_the_access_has_ended(bank: Bank, credential: TableCredential) -> None:
    revoke_grant(
        acting_user=bank.ines, grant_id=Grant.objects.get().pk, reason="No longer needed", now=clock.now()
    )
    with pytest.raises(IntegrityError, match=r"access of credentials .* has ended"):
        release([COLLECT, RECORD, RELEASE], credential, bank.ana)


def test_whoever_forges_all_of_it_leaves_an_event_that_names_the_person(
    bank: Bank, credential: TableCredential
) -> None:
    assert len(release([COLLECT, RECORD, RELEASE], credential, bank.ana)) == 32
