"""Approval at once, by an offer whose owner agreed beforehand; and what keeps a request from it."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.models import Event
from catalog.products.offers.actions import retire_offer
from catalog.products.offers.models import OfferVersion
from identity.people.models import Membership
from kernel import clock
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.grants.models import Grant
from tests import factories
from tests.bank import Bank, move_claims_to_domain, submit_bank_item
from tests.database import as_role
from tests.offers import build_offer_item, publish_draft
from tests.requests_app.policy_setup import (
    AUTOMATIC_RULE,
    make_approval_rule,
    make_privacy,
    register_location,
)
from tests.requests_app.policy_setup import publish_rules as rules_in_force
from tests.requests_app.review.test_separation import write_decision


@pytest.fixture
def offer(bank: Bank) -> OfferVersion:
    """Published by Ines, without terms."""
    register_location(bank)
    return publish_draft(bank, automatic=True, terms="")


def submit_under_offer(bank: Bank, version: OfferVersion, **changes: Any) -> RequestItem:
    return submit_bank_item(bank, items=[build_offer_item(bank, version)], **changes)


def is_waiting(item: RequestItem) -> bool:
    return item.state == ItemState.SUBMITTED and not Decision.objects.filter(item=item).exists()


def test_what_the_offer_allows_is_granted_with_the_ask(bank: Bank, offer: OfferVersion) -> None:
    item = submit_under_offer(bank, offer)
    decision, grant = Decision.objects.get(), Grant.objects.get()
    assert (item.state, grant.item, grant.effects_hash) == (ItemState.APPROVED, item, decision.effects_hash)
    assert (decision.decided_by, decision.role) == (bank.ines, "owner")
    assert (decision.by_offer, decision.by_rule) == (offer, None)
    assert decision.comment == "Automatically, under the offer “For reporting”."
    event = Event.objects.get(verb="approve_item_under_offer")
    assert (event.actor, event.data["offer"]) == (f"person:{bank.ines.pk}", offer.pk)


def test_an_offer_that_is_not_automatic_decides_nothing(bank: Bank) -> None:
    register_location(bank)
    assert is_waiting(submit_under_offer(bank, publish_draft(bank, terms="")))


def test_a_location_that_would_have_to_be_taken_over_first_makes_it_a_persons(bank: Bank) -> None:
    assert is_waiting(submit_under_offer(bank, publish_draft(bank, automatic=True, terms="")))


def test_nobody_of_the_owners_own_team_gets_anything_by_it(bank: Bank, offer: OfferVersion) -> None:
    factories.add_members(bank.bi, Membership.Role.MEMBER, [bank.ines])
    assert is_waiting(submit_under_offer(bank, offer))


def test_an_owner_who_left_says_yes_to_nothing_more(bank: Bank, offer: OfferVersion) -> None:
    with as_role("meshmarket_owner"):
        Membership.objects.filter(person=bank.ines).delete()
    assert is_waiting(submit_under_offer(bank, offer))


@pytest.mark.parametrize("role", ["privacy", "owner"])
def test_a_rule_that_names_people_wins(bank: Bank, offer: OfferVersion, role: str) -> None:
    make_privacy()
    rules_in_force(bank, make_approval_rule({"role": role}), everywhere=True)
    assert is_waiting(submit_under_offer(bank, offer))


def test_a_rule_that_says_yes_itself_goes_before_the_offer(bank: Bank, offer: OfferVersion) -> None:
    policy = rules_in_force(bank, AUTOMATIC_RULE)
    submit_under_offer(bank, offer)
    decision = Decision.objects.get()
    assert (decision.by_rule, decision.by_offer) == (policy, None)


def test_sql_cannot_claim_an_offer_under_which_it_was_not_asked(bank: Bank, offer: OfferVersion) -> None:
    item = submit_bank_item(bank)
    with pytest.raises(IntegrityError, match="no published offer approves"), transaction.atomic():
        write_decision(item, decided_by=bank.ines, by_offer=offer)


@pytest.mark.parametrize("wrong", ["withdrawn", "another owner", "another domain"])
def test_sql_cannot_claim_an_offer_that_does_not_say_it(bank: Bank, wrong: str) -> None:
    offer = publish_draft(bank, automatic=True, terms="")
    item = submit_under_offer(bank, offer)
    if wrong == "withdrawn":
        retire_offer(acting_user=bank.ines, offer_id=offer.offer_id, now=clock.now())
    if wrong == "another domain":
        move_claims_to_domain(bank, factories.make_domain(bank.insurance, "Cards"))
    person = bank.ivo if wrong == "another owner" else bank.ines
    with pytest.raises(IntegrityError, match="no published offer approves"), transaction.atomic():
        write_decision(item, decided_by=person, by_offer=offer)


def test_an_offer_speaks_as_the_owner_and_beside_no_rule(bank: Bank, offer: OfferVersion) -> None:
    policy, item = rules_in_force(bank, AUTOMATIC_RULE), submit_bank_item(bank)
    with pytest.raises(IntegrityError, match="decision_by_offer_is_the_owners_yes"), transaction.atomic():
        write_decision(item, decided_by=bank.ines, by_offer=offer, by_rule=policy)
