"""Whom the web and the worker role may not touch, by raw SQL."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from audit.actions import record_event
from identity.accounts import Account, set_account_roles
from kernel import clock
from tests.bank import Bank, make_bank
from tests.database import as_role


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


def check_refused(role: str, statement: str) -> None:
    with (
        as_role(role),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE identity_person SET password = 'x'",
        "UPDATE identity_person SET is_superuser = true",
        "UPDATE identity_person SET last_login = now()",
        "INSERT INTO identity_membership (person_id, team_id, role) SELECT id, 1, 'data_owner' FROM identity_person",
        "UPDATE identity_membership SET role = 'data_owner'",
        "DELETE FROM identity_membership",
        "INSERT INTO identity_platformrole (person_id, role) SELECT id, 'steward' FROM identity_person",
        "INSERT INTO identity_person_groups (person_id, group_id) VALUES (1, 1)",
        "SELECT * FROM django_session",
        "DELETE FROM django_session",
        "SELECT * FROM auth_group",
        "SELECT * FROM identity_signinattempt",
        "UPDATE identity_account SET executor_role_arn = 'x'",
        "UPDATE identity_account SET name = 'x'",
        "SELECT * FROM django_migrations",
        "INSERT INTO requests_decision (item_id) VALUES (1)",
        "INSERT INTO requests_grant (item_id) VALUES (1)",
        "UPDATE requests_requestitem SET verdict = '{}'",
        "SELECT identity_set_account_roles(1, 'a', 'b', 'c', 1)",
    ],
)
def test_the_worker_keeps_off_people_and_decisions(bank: Bank, statement: str) -> None:
    check_refused("meshmarket_worker", statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE identity_account SET executor_role_arn = 'x'",
        "UPDATE identity_account SET observer_role_arn = 'x'",
        "UPDATE identity_account SET external_id = 'x'",
        "UPDATE identity_accountconnection SET external_id = 'x'",
        "UPDATE django_migrations SET name = 'x'",
        "DELETE FROM django_migrations",
        "DELETE FROM identity_person",
        "UPDATE identity_checkup SET findings = '[]'",
        "UPDATE identity_localmember SET arn = 'x'",
        "INSERT INTO fulfilment_accountoutage (account_id, since, retry_at) VALUES (1, now(), now())",
        "DELETE FROM fulfilment_wake",
        "UPDATE fulfilment_wake SET scope_key = 'x'",
    ],
)
def test_the_web_keeps_off_roles_of_accounts_and_migrations(bank: Bank, statement: str) -> None:
    check_refused("meshmarket_web", statement)


def write_event(account: Account, subject: str = "") -> object:
    return record_event(
        verb="change_account",
        actor="engine:test",
        subject=subject or f"account:{account.pk}",
        data={},
        now=clock.now(),
    )


def test_an_accounts_roles_change_with_their_event(bank: Bank) -> None:
    account = bank.bi_account
    account.executor_role_arn = f"arn:aws:iam::{account.account_id}:role/other"
    set_account_roles(account, write_event(account))  # type: ignore[arg-type]
    assert Account.objects.get(pk=account.pk).executor_role_arn.endswith(":role/other")


def test_an_event_of_another_account_or_a_role_of_another_is_refused(bank: Bank) -> None:
    account = bank.bi_account
    with pytest.raises(IntegrityError, match="an event of the same transaction"), transaction.atomic():
        set_account_roles(account, write_event(account, "account:0"))  # type: ignore[arg-type]
    account.executor_role_arn = "arn:aws:iam::999999999999:role/meshmarket"
    with pytest.raises(IntegrityError, match="roles of its own"), transaction.atomic():
        set_account_roles(account, write_event(account))  # type: ignore[arg-type]


def test_saving_an_account_leaves_its_roles(bank: Bank) -> None:
    account = Account.objects.get(pk=bank.bi_account.pk)
    account.name, account.external_id = "Renamed", "another"
    account.save()
    kept = Account.objects.get(pk=account.pk)
    assert (kept.name, kept.external_id) == ("Renamed", "outside")
