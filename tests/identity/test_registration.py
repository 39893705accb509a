"""An account joins the mesh when a check-up found nothing missing, and by a governance admin only."""

from dataclasses import replace
from typing import Any

import pytest

from audit.models import Event
from identity.accounts import Account
from identity.connections import (
    AccountConnection,
    AccountProposal,
    Checkup,
    is_checkup_passed,
    propose_account,
    register_account,
    request_checkup,
)
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from tests import factories
from tests.database import as_role

pytestmark = pytest.mark.django_db
MISSING = {"kind": "missing", "code": "x", "text": "x", "remedy": "x"}
SIDE_DOOR = MISSING | {"kind": "bypass"}


@pytest.fixture
def admin() -> Person:
    return factories.make_admin()


@pytest.fixture
def proposal() -> AccountProposal:
    team = factories.make_team("Claims analytics")
    return AccountProposal("710000000001", "Claims analytics", "eu-central-1", team.pk, False, True)


def propose(person: Person, proposal: AccountProposal) -> AccountConnection:
    return propose_account(acting_user=person, proposal=proposal, now=clock.now())


def finish_checkup(connection: AccountConnection, *findings: dict[str, Any]) -> Checkup:
    now = clock.now()
    checkup = Checkup.objects.create(connection=connection, requested_at=now)
    checkup.finished_at, checkup.findings = now, list(findings)
    with as_role("meshmarket_worker"):
        checkup.save(update_fields=["finished_at", "findings"])
    return checkup


def register(person: Person, connection: AccountConnection) -> Account:
    return register_account(acting_user=person, connection_id=connection.pk, now=clock.now())


def test_each_proposal_has_an_external_id_of_its_own(admin: Person, proposal: AccountProposal) -> None:
    one = propose(admin, proposal)
    other = propose(admin, replace(proposal, account_id="710000000002"))
    assert one.external_id != other.external_id
    assert len(one.external_id) >= 32


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"account_id": "71000000001"}, "account_id"),
        ({"account_id": "\u0667" * 12}, "account_id"),
        ({"name": "  "}, "name"),
        ({"region": "europe"}, "region"),
        ({"team_id": 987_654}, "team"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    admin: Person, proposal: AccountProposal, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        propose(admin, replace(proposal, **changes))
    assert (refused.value.field, AccountConnection.objects.count()) == (field, 0)


def test_an_account_is_connected_once(admin: Person, proposal: AccountProposal) -> None:
    propose(admin, proposal)
    with pytest.raises(RefusedError, match="already being connected"):
        propose(admin, proposal)
    account = factories.make_account(factories.make_team("BI"))
    with pytest.raises(RefusedError, match="already connected"):
        propose(admin, replace(proposal, account_id=account.account_id))


def test_a_checkup_that_waits_is_not_asked_for_twice(admin: Person, proposal: AccountProposal) -> None:
    connection = propose(admin, proposal)
    asked = request_checkup(acting_user=admin, connection_id=connection.pk, now=clock.now())
    assert request_checkup(acting_user=admin, connection_id=connection.pk, now=clock.now()) == asked
    verbs = list(Event.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["propose_account", "request_checkup"]


def test_nothing_is_registered_before_its_checkup_is_clean(admin: Person, proposal: AccountProposal) -> None:
    connection = propose(admin, proposal)
    assert not is_checkup_passed(None)
    finish_checkup(connection)
    finish_checkup(connection, MISSING)
    with pytest.raises(RefusedError, match="still missing"):
        register(admin, connection)
    assert not Account.objects.filter(account_id=proposal.account_id).exists()


def test_side_doors_do_not_stand_in_the_way(admin: Person, proposal: AccountProposal) -> None:
    connection = propose(admin, proposal)
    finish_checkup(connection, SIDE_DOOR)
    account = register(admin, connection)
    assert account.external_id == connection.external_id
    assert account.observer_role_arn == "arn:aws:iam::710000000001:role/meshmarket-observer"
    connection.refresh_from_db()
    assert (connection.registered, register(admin, connection)) == (account, account)


def test_nobody_else_connects_accounts(admin: Person, proposal: AccountProposal) -> None:
    connection, other = propose(admin, proposal), factories.make_person("Sam Vale")
    finish_checkup(connection)
    for attempt in (
        lambda: propose(other, replace(proposal, account_id="710000000003")),
        lambda: request_checkup(acting_user=other, connection_id=connection.pk, now=clock.now()),
        lambda: register(other, connection),
    ):
        with pytest.raises(ForbiddenError):
            attempt()
    with pytest.raises(NotFoundError):
        request_checkup(acting_user=admin, connection_id=987_654, now=clock.now())
