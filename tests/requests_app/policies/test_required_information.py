"""What rules require: refused in place without it, kept with it, and asked for when it comes later."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from audit.models import Event
from kernel import clock
from kernel.errors import RefusedError
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.errors import MissingInformationError
from requests_app.grants.models import Grant
from requests_app.policies.evaluation import ProvidedInformation
from requests_app.policies.models import RequiredTextAcceptance
from requests_app.policy_engine.rules import compute_text_digest
from requests_app.submission.changes import resubmit_item
from requests_app.targets.requested_item import RequestedItem
from tests.bank import Bank, submit_bank_item, submit_bank_request
from tests.requests_app.policy_setup import (
    AUTOMATIC_RULE,
    approve_as,
    publish_rules,
    register_location,
    reload_item,
)
from tests.requests_app.review.test_separation import grant_without_decision, write_decision

TEXT = "For the report alone."
TICKET = {"name": "ticket", "label": "Change ticket", "pattern": "CHG-[0-9]+"}
FIELD_RULE: dict[str, Any] = {"name": "a-ticket", "when": {}, "then": {"fields": [TICKET]}}
TEXT_RULE: dict[str, Any] = {"name": "a-text", "when": {}, "then": {"accept": TEXT}}
PROVIDED = ProvidedInformation({"ticket": " CHG-7 "}, (compute_text_digest(TEXT),))


def resubmit_with(bank: Bank, item: RequestItem, said: ProvidedInformation) -> RequestItem:
    same = RequestedItem(item.table_id, tuple(item.columns), whole_table=False, product_id=None)
    words: dict[str, Any] = {"comment": "", "now": clock.now(), "provided": said}
    return resubmit_item(
        acting_user=bank.ana, item_id=item.pk, requested_item=same, ends_at=item.ends_at, **words
    )


def test_without_what_is_demanded_nothing_is_asked(bank: Bank) -> None:
    publish_rules(bank, FIELD_RULE, TEXT_RULE)
    with pytest.raises(MissingInformationError) as caught:
        submit_bank_request(bank)
    assert caught.value.field == "answers.ticket"
    assert caught.value.by_name.keys() == {"ticket", compute_text_digest(TEXT)}
    with pytest.raises(MissingInformationError, match="not have the format that the policy requires"):
        submit_bank_request(bank, provided=ProvidedInformation({"ticket": "INC-7"}, PROVIDED.accepted_texts))
    assert not RequestItem.objects.exists()
    assert not RequiredTextAcceptance.objects.exists()


def test_what_is_said_is_kept_with_the_item_and_on_the_record(bank: Bank) -> None:
    publish_rules(bank, FIELD_RULE, TEXT_RULE)
    item = submit_bank_item(bank, provided=PROVIDED)
    accepted = RequiredTextAcceptance.objects.get()
    assert (item.answers, accepted.person, accepted.text) == ({"ticket": "CHG-7"}, bank.ana, TEXT)
    event = Event.objects.get(verb="submit_access_request")
    assert event.data["answers"] == {str(item.table_id): {"ticket": "CHG-7"}}
    assert approve_as(bank.ines, item) is not None


def test_a_text_is_accepted_once_and_another_one_anew(bank: Bank) -> None:
    publish_rules(bank, TEXT_RULE)
    submit_bank_item(bank, provided=PROVIDED)
    submit_bank_item(bank, idempotency_key="form-2", ends_at=clock.now().replace(year=clock.now().year + 1))
    publish_rules(bank, {**TEXT_RULE, "then": {"accept": f"{TEXT} Really."}})
    with pytest.raises(MissingInformationError) as caught:
        submit_bank_request(bank, idempotency_key="form-3")
    assert caught.value.field == "agrees"


def test_the_same_form_with_other_answers_is_refused(bank: Bank) -> None:
    publish_rules(bank, FIELD_RULE)
    first = submit_bank_request(bank, provided=PROVIDED)
    assert submit_bank_request(bank, provided=PROVIDED) == first
    with pytest.raises(RefusedError, match="already sent"):
        submit_bank_request(bank, provided=ProvidedInformation({"ticket": "CHG-8"}))


def test_a_yes_at_once_waits_for_nothing_that_is_said(bank: Bank) -> None:
    register_location(bank)
    publish_rules(bank, AUTOMATIC_RULE, FIELD_RULE)
    with pytest.raises(MissingInformationError):
        submit_bank_request(bank)
    assert submit_bank_item(bank, provided=PROVIDED).state == ItemState.APPROVED


def test_a_demand_that_comes_later_sends_the_item_back_to_who_asked(bank: Bank) -> None:
    item = submit_bank_item(bank)
    publish_rules(bank, FIELD_RULE, everywhere=True)
    item = reload_item(item)
    assert item.state == ItemState.RETURNED
    remark = item.remarks.get()
    assert (remark.author, remark.text) == (
        bank.greta,
        "A newly published policy requires: Change ticket.",
    )
    with pytest.raises(MissingInformationError):
        resubmit_with(bank, item, ProvidedInformation({"ticket": ""}, ("x",)))
    resubmit_with(bank, item, PROVIDED)
    assert (reload_item(item).state, reload_item(item).answers) == (ItemState.SUBMITTED, {"ticket": "CHG-7"})
    assert approve_as(bank.ines, reload_item(item)) is not None


def test_what_was_answered_before_is_not_sent_back(bank: Bank) -> None:
    publish_rules(bank, FIELD_RULE)
    item = submit_bank_item(bank, provided=PROVIDED)
    publish_rules(bank, FIELD_RULE, everywhere=True)
    assert reload_item(item).state == ItemState.SUBMITTED


def test_nobody_says_yes_while_an_answer_lacks(bank: Bank) -> None:
    item = submit_bank_item(bank)
    publish_rules(bank, FIELD_RULE)
    RequestItem.objects.filter(pk=item.pk).update(state=ItemState.SUBMITTED)
    with pytest.raises(RefusedError, match="Change ticket"):
        approve_as(bank.ines, item)
    assert not Grant.objects.exists()


@pytest.mark.parametrize("rule", [FIELD_RULE, TEXT_RULE], ids=["field", "text"])
def test_the_database_grants_nothing_without_it(bank: Bank, rule: dict[str, Any]) -> None:
    publish_rules(bank, rule)
    item = submit_bank_item(bank, provided=PROVIDED)
    other = {"required_information": {"fields": [{"name": "basis"}], "texts": []}, "needs": []}
    if rule is TEXT_RULE:
        other = {"required_information": {"fields": [], "texts": ["Another text."]}, "needs": []}
    RequestItem.objects.filter(pk=item.pk).update(verdict=other)
    write_decision(item, decided_by=bank.ines, effects_hash="e" * 64)
    with pytest.raises(IntegrityError, match="lacks information that a rule requires"), transaction.atomic():
        grant_without_decision(item)


def test_the_web_changes_no_acceptance(bank: Bank) -> None:
    publish_rules(bank, TEXT_RULE)
    submit_bank_item(bank, provided=PROVIDED)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        RequiredTextAcceptance.objects.update(text="Something else.")
