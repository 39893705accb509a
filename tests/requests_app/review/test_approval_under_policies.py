"""Items under rules: who has to say yes, in which order, and when it is enough."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from audit.models import Event
from fulfilment.intents.models import Intent
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.errors import PolicyChangedError
from requests_app.grants.models import Grant
from requests_app.policies.evaluation import evaluate_item
from requests_app.policy_editing.actions import retire_policy
from requests_app.review.actions import reject_item
from requests_app.review.comments import request_changes
from requests_app.review.may import list_deciders
from requests_app.review.queries import list_inbox
from requests_app.review.terms import NarrowedTerms
from requests_app.submission.changes import resubmit_item
from requests_app.targets.checks import compute_effects
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, submit_bank_item, submit_bank_request
from tests.requests_app.policy_setup import (
    approve_as,
    make_approval_rule,
    make_lead,
    make_privacy,
    publish_rules,
    reload_item,
)
from tests.requests_app.review.test_separation import grant_without_decision, write_decision

PRIVACY = {"role": "privacy"}


def test_owner_and_privacy_both_decide_before_there_is_a_grant(bank: Bank) -> None:
    pia = make_privacy()
    publish_rules(bank, make_approval_rule(PRIVACY), everywhere=True)
    item = submit_bank_item(bank)
    assert (item.needed_from, item.waits_for) == (["owner", "privacy"], ["owner", "privacy"])
    assert approve_as(bank.ines, item) is None
    item = reload_item(item)
    assert (item.state, item.waits_for, Intent.objects.count()) == (ItemState.SUBMITTED, ["privacy"], 0)
    assert list(list_deciders(item)) == [pia]
    assert (list(list_inbox(pia)), list(list_inbox(bank.ines))) == ([item], [])
    grant = approve_as(pia, item)
    assert grant is not None
    assert reload_item(item).state == ItemState.APPROVED
    assert list(Decision.objects.order_by("pk").values_list("role", flat=True)) == ["owner", "privacy"]


def test_a_quorum_is_of_different_people(bank: Bank) -> None:
    publish_rules(bank, make_approval_rule({"role": "owner", "quorum": 2}))
    item = submit_bank_item(bank)
    assert approve_as(bank.ines, item) is None
    with pytest.raises(ForbiddenError, match="already approved this"):
        approve_as(bank.ines, item)
    assert list(list_deciders(reload_item(item))) == [bank.ivo]
    assert approve_as(bank.ivo, item) is not None


def test_steps_follow_each_other(bank: Bank) -> None:
    leo = make_lead(bank)
    publish_rules(bank, make_approval_rule({"role": "lead"}, {"role": "owner", "step": 2}))
    item = submit_bank_item(bank)
    assert list(list_inbox(leo)) == [item]
    assert not list_inbox(bank.ines).exists()
    with pytest.raises(ForbiddenError, match="It waits for a lead"):
        approve_as(bank.ines, item)
    assert approve_as(leo, item) is None
    assert approve_as(bank.ines, reload_item(item)) is not None


def test_the_lead_who_asks_does_not_decide(bank: Bank) -> None:
    factories.add_members(bank.bi, "lead", [bank.ana])
    publish_rules(bank, make_approval_rule({"role": "lead"}))
    item = submit_bank_item(bank)
    with pytest.raises(ForbiddenError, match="You requested this yourself"):
        approve_as(bank.ana, item)
    assert bank.ana not in list_deciders(item)


def test_whose_yes_is_needed_may_say_no_alone(bank: Bank) -> None:
    pia = make_privacy()
    publish_rules(bank, make_approval_rule({**PRIVACY, "step": 2}), everywhere=True)
    item = submit_bank_item(bank)
    decision = reject_item(acting_user=pia, item_id=item.pk, comment="Never.", now=clock.now())
    assert (decision.role, reload_item(item).state) == ("privacy", ItemState.REJECTED)


def test_a_role_that_no_rule_wants_sees_nothing(bank: Bank) -> None:
    pia = make_privacy()
    with pytest.raises(NotFoundError):
        approve_as(pia, submit_bank_item(bank))


def test_a_refusing_rule_refuses_at_the_ask_in_its_words(bank: Bank) -> None:
    refusing = {"name": "never", "when": {"outside": "yes"}, "then": {"refused": "Nothing leaves the bank."}}
    publish_rules(bank, refusing, everywhere=True)
    bank.bi_account.in_organisation = False
    bank.bi_account.save()
    with pytest.raises(RefusedError, match=r"Nothing leaves the bank\.") as caught:
        submit_bank_request(bank)
    assert (caught.value.field, RequestItem.objects.count()) == ("items", 0)


def test_time_and_columns_are_refused_at_their_field(bank: Bank) -> None:
    capped = {"name": "a-week", "when": {}, "then": {"most_days": 7}}
    without = {"name": "no-iban", "when": {}, "then": {"without": {"columns": ["iban"]}}}
    publish_rules(bank, capped, without)
    with pytest.raises(RefusedError, match="limits this access to 7 days") as caught:
        submit_bank_request(bank)
    assert caught.value.field == "ends_at"
    week, iban = factories.days_from_now(7), [RequestedItem(bank.claims.pk, ("iban",), False, None)]
    with pytest.raises(RefusedError, match="excludes iban"):
        submit_bank_request(bank, ends_at=week, items=iban)
    assert submit_bank_item(bank, ends_at=week).state == ItemState.SUBMITTED


def test_a_rule_that_came_later_counts_for_what_waits(bank: Bank) -> None:
    item, pia = submit_bank_item(bank), make_privacy()
    assert not list_inbox(pia).exists()
    publish_rules(bank, make_approval_rule(PRIVACY), everywhere=True)
    assert list(list_inbox(pia)) == [item]
    assert approve_as(bank.ines, item) is None


def test_rules_that_changed_since_they_were_shown_are_told(bank: Bank) -> None:
    item = submit_bank_item(bank)
    shown = evaluate_item(item, compute_effects(item))[1].digest()
    publish_rules(bank, make_approval_rule(PRIVACY), everywhere=True)
    with pytest.raises(PolicyChangedError, match="Review the current version"):
        approve_as(bank.ines, item, policy_hash=shown)
    assert not Decision.objects.exists()


def test_when_a_rule_is_retired_whoever_agreed_brings_it_to_its_end(bank: Bank) -> None:
    make_privacy()
    version = publish_rules(bank, make_approval_rule(PRIVACY), everywhere=True)
    item = submit_bank_item(bank)
    approve_as(bank.ines, item)
    retire_policy(acting_user=bank.greta, version_id=version.pk, reason="No longer needed.", now=clock.now())
    assert reload_item(item).waits_for == []
    assert list(list_inbox(bank.ines)) == [item]
    assert approve_as(bank.ines, item) is not None
    assert Decision.objects.count() == 1


def test_a_yes_to_other_effects_does_not_count(bank: Bank) -> None:
    pia = make_privacy()
    publish_rules(bank, make_approval_rule(PRIVACY), everywhere=True)
    item = submit_bank_item(bank)
    approve_as(bank.ines, item)
    bank.claims.columns.filter(name="amount").update(classification="sensitive")
    assert approve_as(pia, item) is None
    assert reload_item(item).waits_for == ["owner"]
    assert approve_as(bank.ines, item) is not None


def test_a_yes_until_a_day_does_not_count_for_a_later_one(bank: Bank) -> None:
    pia = make_privacy()
    publish_rules(bank, make_approval_rule(PRIVACY), everywhere=True)
    item = submit_bank_item(bank)
    approve_as(bank.ines, item)
    said: dict[str, Any] = {"item_id": item.pk, "now": clock.now()}
    request_changes(acting_user=pia, comment="Longer?", idempotency_key="r", **said)
    longer = item.ends_at + timedelta(days=30)
    kept = RequestedItem(item.table_id, ("claim_id", "amount"), whole_table=False, product_id=None)
    resubmit_item(acting_user=bank.ana, requested_item=kept, ends_at=longer, comment="", **said)
    assert reload_item(item).waits_for == ["owner", "privacy"]
    assert approve_as(pia, reload_item(item)) is None
    assert approve_as(bank.ines, reload_item(item)) is not None


def test_less_time_by_the_second_is_covered_by_the_first(bank: Bank) -> None:
    pia = make_privacy()
    publish_rules(bank, make_approval_rule(PRIVACY), everywhere=True)
    item = submit_bank_item(bank)
    approve_as(bank.ines, item)
    grant = approve_as(pia, item, narrowed=NarrowedTerms(ends_at=clock.now() + timedelta(days=5)))
    assert grant is not None
    assert grant.ends_at < item.ends_at


def test_the_database_demands_what_the_verdict_wants(bank: Bank) -> None:
    publish_rules(bank, make_approval_rule(PRIVACY), everywhere=True)
    item = submit_bank_item(bank)
    approve_as(bank.ines, item)
    with pytest.raises(DatabaseError, match="no approval of another person"), transaction.atomic():
        grant_without_decision(item)


def test_the_record_says_in_which_role_and_under_which_rules(bank: Bank) -> None:
    publish_rules(bank, make_approval_rule(PRIVACY), everywhere=True)
    approve_as(bank.ines, submit_bank_item(bank))
    event = Event.objects.get(verb="agree_to_item")
    assert event.data["role"] == "owner"
    assert [one["name"] for one in event.data["rules"]["fired"]] == ["more-people"]
    assert not Grant.objects.exists()


@pytest.mark.parametrize("role", ["owner", "steward", "privacy", "lead"])
def test_the_database_lets_nobody_decide_in_a_role_they_do_not_hold(bank: Bank, role: str) -> None:
    item = submit_bank_item(bank)
    for person in (bank.greta, bank.sam):
        with pytest.raises(IntegrityError, match="does not decide on item"), transaction.atomic():
            write_decision(item, decided_by=person, role=role)


def test_the_database_lets_no_owner_of_the_asking_team_decide(bank: Bank) -> None:
    factories.add_members(bank.bi, "member", [bank.ivo])
    item = submit_bank_item(bank)
    with pytest.raises(IntegrityError, match="belongs to the team that requested"), transaction.atomic():
        write_decision(item, decided_by=bank.ivo)
