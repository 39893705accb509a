"""Ending several grants with one reason: all that were shown, or none."""

import pytest

from audit.models import Event
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from requests_app.grants.actions import MAX_REVOKED, revoke_grant, revoke_grants
from requests_app.grants.models import Grant
from tests import factories
from tests.bank import Bank, approve, submit_bank_request


@pytest.fixture
def grants(bank: Bank) -> list[Grant]:
    roles = [factories.make_principal(bank.bi_account, f"role-{number}") for number in range(3)]
    asked = [
        submit_bank_request(bank, principal=role, idempotency_key=role.name).items.get() for role in roles
    ]
    return [approve(bank, item) for item in asked]


def revoke_all(
    bank: Bank, grants: list[Grant], reason: str = "Moved.", *, by: Person | None = None
) -> list[Grant]:
    ids = [grant.pk for grant in grants]
    return revoke_grants(acting_user=by or bank.ines, grant_ids=ids, reason=reason, now=clock.now())


def test_all_end_with_one_reason_and_an_event_each(bank: Bank, grants: list[Grant]) -> None:
    assert revoke_all(bank, grants) == grants
    assert set(Grant.objects.values_list("state", "end_reason", "ended_by")) == {
        ("revoked", "Moved.", bank.ines.pk)
    }
    assert Grant.objects.values("ended_at").distinct().count() == 1
    assert Grant.objects.filter(intent__ended_at__isnull=True).count() == 0
    assert Event.objects.filter(verb="revoke_grant").count() == 3


def test_those_that_have_ended_are_left_as_they_are(bank: Bank, grants: list[Grant]) -> None:
    revoke_grant(acting_user=bank.ana, grant_id=grants[0].pk, reason="Not needed.", now=clock.now())
    assert revoke_all(bank, grants) == grants[1:]
    assert Grant.objects.get(pk=grants[0].pk).end_reason == "Not needed."
    assert revoke_all(bank, grants) == []


def test_one_that_is_not_ones_own_keeps_all(bank: Bank, grants: list[Grant]) -> None:
    developer = factories.make_person("Dev Ada")
    factories.add_members(bank.insurance, "developer", [developer])
    with pytest.raises(ForbiddenError):
        revoke_all(bank, grants, by=developer)
    with pytest.raises(NotFoundError):
        revoke_all(bank, grants, by=bank.sam)
    with pytest.raises(NotFoundError):
        revoke_grants(acting_user=bank.ines, grant_ids=[grants[0].pk, 0], reason="Moved.", now=clock.now())
    assert set(Grant.objects.values_list("state", flat=True)) == {"live"}


def test_it_needs_a_reason_and_is_not_endless(bank: Bank, grants: list[Grant]) -> None:
    with pytest.raises(RefusedError, match="Say why"):
        revoke_all(bank, grants, " ")
    with pytest.raises(RefusedError, match="at once"):
        revoke_all(bank, grants * MAX_REVOKED)
    assert set(Grant.objects.values_list("state", flat=True)) == {"live"}
