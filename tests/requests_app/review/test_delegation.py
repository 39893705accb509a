"""A colleague decides for a data owner for a while: as themselves, on the record for whom, and never around separation."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from identity.people.models import Membership, Person, Team
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from requests_app.access_requests.may import build_requesting_side
from requests_app.access_requests.models import Decision
from requests_app.grants.actions import revoke_grant
from requests_app.permissions.may import may_adopt_permission
from requests_app.review.delegation.actions import delegate_decisions, end_delegation
from requests_app.review.delegation.models import Delegation
from requests_app.review.delegation.queries import list_usable_delegations
from requests_app.review.may import list_deciders, may_approve_item
from requests_app.review.queries import list_decidable_items
from tests import factories
from tests.bank import Bank, approve, make_owner_developer, submit_bank_item
from tests.database import as_role
from tests.requests_app.notifications.projection import list_notification_texts, project_all_events

A_DAY = timedelta(days=1)


@pytest.fixture
def emre(bank: Bank) -> Person:
    return make_owner_developer(bank)


def delegate_to(bank: Bank, to: Person, **changes: Any) -> Delegation:
    """Ines has them decide for her from yesterday until tomorrow."""
    now = clock.now()
    given: dict[str, Any] = {
        "acting_user": bank.ines, "team": bank.insurance, "delegate": to, "starts_at": now - A_DAY,
        "ends_at": now + A_DAY, "now": now,
    }  # fmt: skip
    return delegate_decisions(**given | changes)


def test_a_delegate_decides_and_the_decision_names_both(bank: Bank, emre: Person) -> None:
    item = submit_bank_item(bank)
    assert not may_approve_item(emre, item)
    delegate_to(bank, emre)
    assert (list(list_decidable_items(emre)), emre in list_deciders(item)) == ([item], True)
    approve(bank, item, by=emre)
    decision = Decision.objects.get()
    assert (decision.decided_by, decision.on_behalf_of) == (emre, bank.ines)
    assert decision.by_whom == "Emre Aydin for Ines Roth"


def test_an_owner_who_is_a_delegate_too_decides_by_their_own_word(bank: Bank) -> None:
    delegate_to(bank, bank.ivo)
    approve(bank, submit_bank_item(bank), by=bank.ivo)
    assert Decision.objects.get().on_behalf_of is None


def test_before_its_first_day_it_counts_for_nothing(bank: Bank, emre: Person) -> None:
    delegate_to(bank, emre, starts_at=clock.now() + A_DAY, ends_at=clock.now() + 2 * A_DAY)
    assert not may_approve_item(emre, submit_bank_item(bank))
    assert not list_decidable_items(emre).exists()


def test_after_its_last_day_it_counts_for_nothing(bank: Bank, emre: Person) -> None:
    item = submit_bank_item(bank)
    delegate_to(bank, emre)
    assert may_approve_item(emre, item)
    with as_role("none"):
        clock.advance(2 * A_DAY)
    assert not may_approve_item(emre, item)
    assert not list_decidable_items(emre).exists()


def test_what_was_ended_or_whose_people_left_counts_for_nothing(bank: Bank, emre: Person) -> None:
    item = submit_bank_item(bank)
    given = delegate_to(bank, emre)
    with as_role("meshmarket_owner"):
        Membership.objects.filter(person=bank.ines).update(role=Membership.Role.MEMBER)
    assert not may_approve_item(emre, item)
    with as_role("meshmarket_owner"):
        Membership.objects.filter(person=bank.ines).update(role=Membership.Role.DATA_OWNER)
    assert may_approve_item(emre, item)
    Person.objects.filter(pk=bank.ines.pk).update(is_active=False)
    assert not may_approve_item(emre, item)
    with as_role("meshmarket_owner"):
        Person.objects.filter(pk=bank.ines.pk).update(is_active=True)
    end_delegation(acting_user=emre, delegation_id=given.pk, now=clock.now())
    assert not may_approve_item(emre, item)


def test_nobody_has_their_own_ask_decided_by_whom_they_named(bank: Bank, emre: Person) -> None:
    """Ines joins the team that asks: neither she nor whoever decides for her may."""
    factories.add_members(bank.bi, Membership.Role.MEMBER, [bank.ines])
    delegate_to(bank, emre)
    item = submit_bank_item(bank, acting_user=bank.ines)
    assert not may_approve_item(emre, item)
    assert emre not in list_deciders(item)
    assert not list_decidable_items(emre).exists()
    other = submit_bank_item(bank, idempotency_key="form-2", ends_at=factories.days_from_now(60))
    assert not may_approve_item(emre, other)
    assert not list_decidable_items(emre).exists()


def test_a_delegate_of_the_asking_side_may_not(bank: Bank, emre: Person) -> None:
    factories.add_members(bank.bi, Membership.Role.MEMBER, [emre])
    delegate_to(bank, emre)
    item = submit_bank_item(bank)
    assert not may_approve_item(emre, item)
    assert not list_decidable_items(emre).exists()
    assert not may_approve_item(emre, submit_bank_item(bank, acting_user=emre, idempotency_key="form-2"))


def test_it_passes_on_decisions_alone(bank: Bank, emre: Person) -> None:
    delegate_to(bank, emre)
    grant = approve(bank, submit_bank_item(bank))
    with pytest.raises(ForbiddenError):
        revoke_grant(acting_user=emre, grant_id=grant.pk, reason="No.", now=clock.now())
    assert not may_adopt_permission(emre, grant.item)


def test_only_an_owner_names_only_a_colleague_of_the_team(bank: Bank, emre: Person) -> None:
    elsewhere = Team.objects.get(name="Elsewhere")
    for changes in (
        {"acting_user": emre, "delegate": bank.ivo},
        {"delegate": bank.sam},
        {"delegate": bank.ines},
        {"team": elsewhere, "delegate": bank.sam},
    ):
        with pytest.raises(ForbiddenError):
            delegate_to(bank, **{"to": emre} | changes)
    assert not Delegation.objects.exists()


def test_times_that_do_not_stand_are_refused(bank: Bank, emre: Person) -> None:
    now = clock.now()
    for starts, ends in [(-2, -1), (2, 1), (0, 91)]:
        with pytest.raises(RefusedError):
            delegate_to(bank, emre, starts_at=now + starts * A_DAY, ends_at=now + ends * A_DAY)


def test_only_the_two_end_it(bank: Bank, emre: Person) -> None:
    given = delegate_to(bank, emre)
    for stranger in (bank.ivo, bank.ana, bank.sam):
        with pytest.raises(NotFoundError):
            end_delegation(acting_user=stranger, delegation_id=given.pk, now=clock.now())


def test_both_hear_of_it(bank: Bank, emre: Person) -> None:
    given = delegate_to(bank, emre)
    end_delegation(acting_user=emre, delegation_id=given.pk, now=clock.now())
    project_all_events()
    assert list_notification_texts(emre)[0].startswith("Ines Roth delegated decisions in Insurance to you: ")
    assert list_notification_texts(bank.ines) == ["Emre Aydin ended a delegation in Insurance."]


def test_the_database_refuses_a_decision_on_behalf_of_who_asked(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    decision = Decision.objects.get()
    decision.pk, decision.effects_hash, decision.on_behalf_of = None, "0" * 64, bank.ana
    with pytest.raises(IntegrityError, match="decision_for_another"), transaction.atomic():
        decision.save()


def test_a_delegate_of_the_requesting_team_is_not_used(bank: Bank, emre: Person) -> None:
    delegate_to(bank, emre)
    side = build_requesting_side(submit_bank_item(bank))
    assert list_usable_delegations(team=bank.insurance.pk, side=side).exists()
    factories.add_members(bank.bi, "member", [emre])
    assert not list_usable_delegations(team=bank.insurance.pk, side=side).exists()
