"""`manage.py connect_account` proposes, waits for the workers' look, and registers when nothing is missing."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from identity.accounts import Account
from identity.connections import AccountConnection, Checkup
from identity.people.models import Person
from kernel import clock
from tests import factories
from tests.database import as_role

pytestmark = pytest.mark.django_db
ACCOUNT = "710000000001"
MISSING = {"kind": "missing", "code": "x", "text": "The executor is no administrator.", "remedy": "Add it."}


@pytest.fixture
def admin() -> Person:
    return factories.make_admin()


def run_command(person: Person, *arguments: str) -> str:
    told = StringIO()
    call_command("connect_account", ACCOUNT, "--as", person.email, *arguments, stdout=told)
    return told.getvalue()


def propose(admin: Person) -> str:
    team = factories.make_team("Claims analytics")
    words = ("--name", "Claims analytics", "--team", team.slug, "--region", "eu-central-1", "--outside")
    return run_command(admin, *words)


def finish_checkup(admin: Person, monkeypatch: pytest.MonkeyPatch, *findings: dict[str, Any]) -> str:
    """With a worker that has looked by the time that the command looks again."""

    def looked(_seconds: float) -> None:
        with as_role("meshmarket_worker"):
            Checkup.objects.update(finished_at=clock.now(), findings=list(findings))

    monkeypatch.setattr("identity.management.commands.connect_account.time.sleep", looked)
    return run_command(admin, "--look")


def test_a_proposal_prints_the_external_id_for_the_stack(admin: Person) -> None:
    told = propose(admin)
    connection = AccountConnection.objects.get(account_id=ACCOUNT)
    assert told == f"ExternalId={connection.external_id}\n"
    assert (connection.grants, connection.in_organisation) == (False, False)


def test_with_nothing_missing_the_account_is_in_the_mesh(
    admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    propose(admin)
    assert "is connected" in finish_checkup(admin, monkeypatch)
    assert Account.objects.filter(account_id=ACCOUNT).exists()


def test_what_is_missing_is_told_and_keeps_the_account_out(
    admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    propose(admin)
    with pytest.raises(CommandError, match="Something is still missing"):
        finish_checkup(admin, monkeypatch, MISSING)
    assert not Account.objects.filter(account_id=ACCOUNT).exists()


def test_who_may_not_connect_accounts_is_refused() -> None:
    with pytest.raises(CommandError, match="Only governance admins"):
        propose(factories.make_person("Sam Outis"))


def test_a_fault_names_what_is_wrong(admin: Person) -> None:
    with pytest.raises(CommandError, match="Enter a name"):
        run_command(admin)


def test_nobody_looks_at_what_was_not_proposed(admin: Person) -> None:
    with pytest.raises(CommandError, match="has not been started yet"):
        run_command(admin, "--look")


def test_without_a_worker_the_wait_ends(admin: Person) -> None:
    propose(admin)
    with pytest.raises(CommandError, match="are the workers running"):
        run_command(admin, "--look", "--wait", "0")
