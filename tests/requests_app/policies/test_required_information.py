"""What rules demand of who asks: refused in place without it, kept with it, and asked for when it comes later."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from audit import clock
from audit.models import Event
from identity.errors import RefusedError
from requests_app.access_requests.models import Item
from requests_app.access_requests.states import ItemState
from requests_app.errors import MissingInformationError
from requests_app.grants.models import Grant
from requests_app.policies.models import RuleAcceptance
from requests_app.policies.required_information import ProvidedInformation
from requests_app.policy_engine.required_information import compute_text_digest
from requests_app.submission.changes import resubmit_item
from requests_app.targets.requested_item import RequestedItem
from tests.bank import Bank, ask, asked_item
from tests.requests_app.policy_setup import AT_ONCE, again, in_force, register, say_yes
from tests.requests_app.review.test_separation import decide, grant_without_decision

TEXT = "For the report alone."
TICKET = {"name": "ticket", "label": "Change ticket", "pattern": "CHG-[0-9]+"}
ASKING: dict[str, Any] = {"name": "a-ticket", "when": {}, "then": {"fields": [TICKET]}}
ACCEPTING: dict[str, Any] = {"name": "a-text", "when": {}, "then": {"accept": TEXT}}
SAID = ProvidedInformation({"ticket": " CHG-7 "}, (compute_text_digest(TEXT),))


def answer(bank: Bank, item: Item, said: ProvidedInformation) -> Item:
    same = RequestedItem(item.table_id, tuple(item.columns), whole_table=False, product_id=None)
    words: dict[str, Any] = {"comment": "", "now": clock.now(), "provided": said}
    return resubmit_item(acting_user=bank.ana, item_id=item.pk, ask=same, ends_at=item.ends_at, **words)


def test_without_what_is_demanded_nothing_is_asked(bank: Bank) -> None:
    in_force(bank, ASKING, ACCEPTING)
    with pytest.raises(MissingInformationError) as caught:
        ask(bank)
    assert caught.value.field == "answers.ticket"
    assert caught.value.by_name.keys() == {"ticket", compute_text_digest(TEXT)}
    with pytest.raises(MissingInformationError, match="not have the format that the policy requires"):
        ask(bank, provided=ProvidedInformation({"ticket": "INC-7"}, SAID.agrees))
    assert not Item.objects.exists()
    assert not RuleAcceptance.objects.exists()


def test_what_is_said_is_kept_with_the_item_and_on_the_record(bank: Bank) -> None:
    in_force(bank, ASKING, ACCEPTING)
    item = asked_item(bank, provided=SAID)
    accepted = RuleAcceptance.objects.get()
    assert (item.answers, accepted.person, accepted.text) == ({"ticket": "CHG-7"}, bank.ana, TEXT)
    event = Event.objects.get(verb="submit_request")
    assert event.data["answers"] == {str(item.table_id): {"ticket": "CHG-7"}}
    assert say_yes(bank.ines, item) is not None


def test_a_text_is_accepted_once_and_another_one_anew(bank: Bank) -> None:
    in_force(bank, ACCEPTING)
    asked_item(bank, provided=SAID)
    asked_item(bank, submission_key="form-2", ends_at=clock.now().replace(year=clock.now().year + 1))
    in_force(bank, {**ACCEPTING, "then": {"accept": f"{TEXT} Really."}})
    with pytest.raises(MissingInformationError) as caught:
        ask(bank, submission_key="form-3")
    assert caught.value.field == "agrees"


def test_the_same_form_with_other_answers_is_refused(bank: Bank) -> None:
    in_force(bank, ASKING)
    first = ask(bank, provided=SAID)
    assert ask(bank, provided=SAID) == first
    with pytest.raises(RefusedError, match="already sent"):
        ask(bank, provided=ProvidedInformation({"ticket": "CHG-8"}))


def test_a_yes_at_once_waits_for_nothing_that_is_said(bank: Bank) -> None:
    register(bank)
    in_force(bank, AT_ONCE, ASKING)
    with pytest.raises(MissingInformationError):
        ask(bank)
    assert asked_item(bank, provided=SAID).state == ItemState.APPROVED


def test_a_demand_that_comes_later_sends_the_item_back_to_who_asked(bank: Bank) -> None:
    item = asked_item(bank)
    in_force(bank, ASKING, everywhere=True)
    item = again(item)
    assert item.state == ItemState.RETURNED
    remark = item.remarks.get()
    assert (remark.author, remark.text) == (
        bank.greta,
        "A newly published policy requires: Change ticket.",
    )
    with pytest.raises(MissingInformationError):
        answer(bank, item, ProvidedInformation({"ticket": ""}, ("x",)))
    answer(bank, item, SAID)
    assert (again(item).state, again(item).answers) == (ItemState.SUBMITTED, {"ticket": "CHG-7"})
    assert say_yes(bank.ines, again(item)) is not None


def test_what_was_answered_before_is_not_sent_back(bank: Bank) -> None:
    in_force(bank, ASKING)
    item = asked_item(bank, provided=SAID)
    in_force(bank, ASKING, everywhere=True)
    assert again(item).state == ItemState.SUBMITTED


def test_nobody_says_yes_while_an_answer_lacks(bank: Bank) -> None:
    item = asked_item(bank)
    in_force(bank, ASKING)
    Item.objects.filter(pk=item.pk).update(state=ItemState.SUBMITTED)
    with pytest.raises(RefusedError, match="Change ticket"):
        say_yes(bank.ines, item)
    assert not Grant.objects.exists()


@pytest.mark.parametrize("rule", [ASKING, ACCEPTING], ids=["field", "text"])
def test_the_database_grants_nothing_without_it(bank: Bank, rule: dict[str, Any]) -> None:
    in_force(bank, rule)
    item = asked_item(bank, provided=SAID)
    other = {"demands": {"fields": [{"name": "basis"}], "texts": []}, "needs": []}
    if rule is ACCEPTING:
        other = {"demands": {"fields": [], "texts": ["Another text."]}, "needs": []}
    Item.objects.filter(pk=item.pk).update(verdict=other)
    decide(item, decided_by=bank.ines, effects_hash="e" * 64)
    with pytest.raises(IntegrityError, match="lacks what a rule demands"), transaction.atomic():
        grant_without_decision(item)


def test_the_web_changes_no_acceptance(bank: Bank) -> None:
    in_force(bank, ACCEPTING)
    asked_item(bank, provided=SAID)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        RuleAcceptance.objects.update(text="Something else.")
