"""Ending a grant: by a person with a reason, or by time."""

from datetime import timedelta

import pytest

from audit.models import Event
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from requests_app.grants.actions import expire_grant, revoke_grant
from requests_app.grants.may import may_revoke_grant
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role


@pytest.fixture
def grant(bank: Bank) -> Grant:
    return approve(bank, submit_bank_item(bank))


def revoke(grant: Grant, by: Person, reason: str = "The contract ended.") -> Grant:
    return revoke_grant(acting_user=by, grant_id=grant.pk, reason=reason, now=clock.now())


def assert_live(grant: Grant) -> None:
    grant.refresh_from_db()
    grant.intent.refresh_from_db()
    assert (grant.state, grant.ended_at, grant.intent.ended_at) == (GrantState.LIVE, None, None)
    assert grant.intent.generation == 1
    assert not Event.objects.filter(verb__in=["revoke_grant", "expire_grant"]).exists()


def test_a_revoke_ends_the_row_and_what_is_wanted(bank: Bank, grant: Grant) -> None:
    ended = revoke(grant, bank.ines)
    ended.intent.refresh_from_db()
    assert (ended.state, ended.ended_by, ended.end_reason) == (
        GrantState.REVOKED,
        bank.ines,
        "The contract ended.",
    )
    assert (ended.intent.ended_at, ended.intent.generation) == (ended.ended_at, 2)
    event = Event.objects.get(verb="revoke_grant")
    assert (event.actor, event.subject) == (f"person:{bank.ines.pk}", f"grant:{grant.pk}")


def test_a_revoke_needs_a_reason(bank: Bank, grant: Grant) -> None:
    with pytest.raises(RefusedError) as caught:
        revoke(grant, bank.ines, " ")
    assert caught.value.field == "reason"
    assert_live(grant)


@pytest.mark.parametrize("who", ["ana", "ines", "ivo", "greta"])
def test_who_may_revoke(bank: Bank, grant: Grant, who: str) -> None:
    assert revoke(grant, getattr(bank, who)).state == GrantState.REVOKED


def test_the_consuming_accounts_admin_may_revoke_its_members_may_not(bank: Bank, grant: Grant) -> None:
    member, admin = factories.make_person("Mia Cole"), factories.make_person("Adam Hull")
    factories.add_members(bank.bi, "member", [member])
    factories.add_members(bank.bi, "account_admin", [admin])
    with pytest.raises(ForbiddenError):
        revoke(grant, member)
    assert_live(grant)
    assert revoke(grant, admin).state == GrantState.REVOKED


def test_a_stranger_finds_nothing_to_revoke(bank: Bank, grant: Grant) -> None:
    with pytest.raises(NotFoundError):
        revoke(grant, bank.sam)
    assert_live(grant)


def test_a_second_revoke_is_an_illegal_move(bank: Bank, grant: Grant) -> None:
    revoke(grant, bank.ines)
    with pytest.raises(IllegalTransitionError):
        revoke(grant, bank.ana)
    assert Event.objects.filter(verb="revoke_grant").count() == 1


def test_the_worker_closes_the_row_of_an_expired_grant(grant: Grant) -> None:
    late = grant.ends_at + timedelta(seconds=1)
    with as_role("meshmarket_worker"):
        ended = expire_grant(grant_id=grant.pk, now=late)
    assert (ended.state, ended.ended_at, ended.ended_by) == (GrantState.EXPIRED, late, None)
    assert Event.objects.get(verb="expire_grant").actor == "engine:expire"
    grant.intent.refresh_from_db()
    assert grant.intent.ended_at is None


def test_a_grant_does_not_expire_before_its_end(grant: Grant) -> None:
    with pytest.raises(ForbiddenError), as_role("meshmarket_worker"):
        expire_grant(grant_id=grant.pk, now=grant.ends_at - timedelta(seconds=1))
    assert_live(grant)


def test_a_revoked_grant_does_not_expire(bank: Bank, grant: Grant) -> None:
    revoke(grant, bank.ines)
    with pytest.raises(IllegalTransitionError):
        expire_grant(grant_id=grant.pk, now=grant.ends_at)


def test_an_admin_of_the_consuming_account_revokes_and_one_of_another_does_not(
    bank: Bank, grant: Grant
) -> None:
    own, other = factories.make_person("Own Admin"), factories.make_person("Other Admin")
    factories.add_members(bank.bi_account.team, "account_admin", [own])
    factories.add_members(bank.insurance, "account_admin", [other])
    assert may_revoke_grant(own, grant)
    assert not may_revoke_grant(other, grant)
