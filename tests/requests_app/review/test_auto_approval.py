"""A yes at once, by a rule that the producing domain's data owner put in force; and everything that keeps it from one."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from audit.actions import record_event
from audit.models import Event
from identity.people.models import Membership
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.grants.models import Grant
from requests_app.policies.models import PolicyVersion
from requests_app.policy_editing.actions import draft_policy, publish_policy
from requests_app.submission.actions import submit_basket
from requests_app.submission.basket import add_to_basket, get_basket
from requests_app.targets.recipients import Recipient
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, submit_bank_item
from tests.database import as_role
from tests.requests_app.policy_setup import (
    AUTOMATIC_RULE,
    approve_as,
    make_approval_rule,
    make_privacy,
    publish_rules,
    register_location,
    reload_item,
)
from tests.requests_app.review.test_separation import write_decision


def is_waiting(bank: Bank, **changes: Any) -> bool:
    item = submit_bank_item(bank, **changes)
    return item.state == ItemState.SUBMITTED and not Decision.objects.filter(item=item).exists()


def test_what_a_rule_allows_is_granted_with_the_ask(bank: Bank) -> None:
    register_location(bank)
    version = publish_rules(bank, AUTOMATIC_RULE)
    item = submit_bank_item(bank)
    decision, grant = Decision.objects.get(), Grant.objects.get()
    assert (item.state, grant.item) == (ItemState.APPROVED, item)
    assert (decision.decided_by, decision.role, decision.by_rule) == (bank.ines, "owner", version)
    assert decision.comment == "Automatically, by the rule public-at-once."
    assert grant.effects_hash == decision.effects_hash
    event = Event.objects.get(verb="approve_item_by_policy")
    assert (event.actor, event.data["policy"]) == (f"person:{bank.ines.pk}", version.pk)


def test_a_location_that_would_have_to_be_taken_over_first_makes_it_a_persons(bank: Bank) -> None:
    publish_rules(bank, AUTOMATIC_RULE)
    assert is_waiting(bank)


@pytest.mark.parametrize("columns", [("iban",), ("claim_id", "iban")])
def test_one_column_outside_the_rule_makes_it_a_persons(bank: Bank, columns: tuple[str, ...]) -> None:
    register_location(bank)
    publish_rules(bank, AUTOMATIC_RULE)
    assert is_waiting(bank, items=[RequestedItem(bank.claims.pk, columns, False, bank.product.pk)])


def test_columns_yet_to_come_make_it_a_persons(bank: Bank) -> None:
    publish_rules(bank, {"name": "all", "when": {"outside": "no"}, "then": {"automatic": True}})
    assert is_waiting(bank, items=[RequestedItem(bank.claims.pk, (), whole_table=True, product_id=None)])


def test_the_owner_whose_rule_it_is_gets_nothing_by_it(bank: Bank) -> None:
    register_location(bank)
    publish_rules(bank, AUTOMATIC_RULE)
    factories.add_members(bank.bi, Membership.Role.MEMBER, [bank.ines])
    assert is_waiting(bank, acting_user=bank.ines)


def test_nor_does_their_team(bank: Bank) -> None:
    register_location(bank)
    publish_rules(bank, AUTOMATIC_RULE)
    factories.add_members(bank.bi, Membership.Role.MEMBER, [bank.ines])
    assert is_waiting(bank)


@pytest.mark.parametrize("left", ["team", "bank"])
def test_whoever_left_says_yes_to_nothing_more(bank: Bank, left: str) -> None:
    register_location(bank)
    publish_rules(bank, AUTOMATIC_RULE)
    if left == "team":
        with as_role("meshmarket_owner"):
            Membership.objects.filter(person=bank.ines).delete()
    else:
        bank.ines.is_active = False
        bank.ines.save()
    assert is_waiting(bank)


def test_a_global_rule_that_wants_more_people_wins(bank: Bank) -> None:
    make_privacy()
    register_location(bank)
    publish_rules(bank, AUTOMATIC_RULE)
    publish_rules(bank, make_approval_rule({"role": "privacy"}), everywhere=True)
    assert is_waiting(bank)


def test_a_widening_makes_it_a_persons(bank: Bank) -> None:
    limited = RequestedItem(bank.claims.pk, ("claim_id",), False, None, "amount = '7'")
    approve_as(bank.ines, submit_bank_item(bank, items=[limited], idempotency_key="form-0"))
    register_location(bank)
    publish_rules(bank, AUTOMATIC_RULE)
    other = RequestedItem(bank.claims.pk, ("amount",), False, None, "claim_id = '1'")
    item = submit_bank_item(bank, items=[other])
    assert item.state == ItemState.SUBMITTED


def test_an_account_as_a_whole_is_a_persons(bank: Bank) -> None:
    register_location(bank)
    publish_rules(bank, AUTOMATIC_RULE)
    factories.add_members(bank.bi, Membership.Role.ACCOUNT_ADMIN, [bank.ana])
    assert is_waiting(bank, principal=factories.make_account_principal(bank.bi_account))


def test_only_part_of_a_basket_may_come_at_once(bank: Bank) -> None:
    register_location(bank)
    publish_rules(bank, AUTOMATIC_RULE)
    other = factories.make_table(bank.claims.database, "payments", sensitive=["amount"])
    asks = [RequestedItem(table.pk, ("amount",), False, None) for table in (other, bank.claims)]
    add_to_basket(person=bank.ana, team=bank.bi, requested_items=asks, now=clock.now())
    sent = submit_basket(
        acting_user=bank.ana,
        details=Recipient(bank.role).build_details({"purpose": "Quarterly report"}, factories.days_from_now(30)),
        basket_version=get_basket(bank.ana, bank.bi).version, now=clock.now(),
    )  # fmt: skip
    states = dict(sent.request.items.values_list("table", "state"))
    assert states == {other.pk: ItemState.SUBMITTED, bank.claims.pk: ItemState.APPROVED}


def test_no_governance_admin_and_no_superuser_writes_a_domains_rules(bank: Bank) -> None:
    said: dict[str, Any] = {"acting_user": bank.greta, "now": clock.now()}
    with pytest.raises(ForbiddenError, match="Only data owners of Insurance"):
        draft_policy(domain=bank.domain, rules=[AUTOMATIC_RULE], note="Quicker for all.", **said)
    draft = draft_policy(
        acting_user=bank.ines,
        domain=bank.domain,
        rules=[AUTOMATIC_RULE],
        note="Quicker for all.",
        now=clock.now(),
    )
    with pytest.raises(ForbiddenError, match="Only data owners of Insurance"):
        publish_policy(version_id=draft.pk, **said)


def test_a_live_grant_without_the_producer_is_refused_to_governance_and_to_a_superuser(bank: Bank) -> None:
    item = submit_bank_item(bank)
    assert bank.greta.is_superuser
    with pytest.raises(ForbiddenError):
        approve_as(bank.greta, item)
    root = factories.make_person("Root Only", is_superuser=True, is_staff=True)
    with pytest.raises(NotFoundError):
        approve_as(root, item)
    for person in (bank.greta, root):
        with pytest.raises(IntegrityError, match="does not decide"), transaction.atomic():
            write_decision(item, decided_by=person)


def test_sql_cannot_make_a_global_rule_say_yes(bank: Bank) -> None:
    version = publish_rules(bank, make_approval_rule({"role": "privacy"}), everywhere=True)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        PolicyVersion.objects.filter(pk=version.pk).update(rules=[AUTOMATIC_RULE])
    event = record_event(verb="test", actor="engine:test", subject="policies", data={}, now=clock.now())
    forged = PolicyVersion(
        number=9, rules=[AUTOMATIC_RULE], note="", written_by=bank.ana, written_at=event.at, event=event
    )
    with pytest.raises(IntegrityError, match="policy_global_never_automatic"), transaction.atomic():
        forged.save()


def test_sql_cannot_claim_a_rule_that_is_not_in_force(bank: Bank) -> None:
    item = submit_bank_item(bank)
    draft = draft_policy(
        acting_user=bank.ines,
        domain=bank.domain,
        rules=[AUTOMATIC_RULE],
        note="Quicker for all.",
        now=clock.now(),
    )
    with pytest.raises(IntegrityError, match="no published rule approves"), transaction.atomic():
        write_decision(item, decided_by=bank.ines, by_rule=draft)


def test_an_automatic_rule_decides_nothing_that_waits_already(bank: Bank) -> None:
    item = submit_bank_item(bank)
    register_location(bank)
    publish_rules(bank, AUTOMATIC_RULE)
    assert reload_item(item).state == ItemState.SUBMITTED
    assert not Decision.objects.exists()


def test_rules_that_cannot_be_read_are_refused_at_their_field(bank: Bank) -> None:
    said: dict[str, Any] = {
        "acting_user": bank.greta,
        "domain": None,
        "note": "As agreed.",
        "now": clock.now(),
    }
    with pytest.raises(RefusedError, match="own policy can have automatic: true") as caught:
        draft_policy(rules=[AUTOMATIC_RULE], **said)
    assert caught.value.field == "rules"
    assert not RequestItem.objects.exists()
