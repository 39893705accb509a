"""Giving less on the review page, sending back, changing, and words on an item."""

from datetime import timedelta

from django.urls import reverse

from kernel import clock
from requests_app.access_requests.models import Comment, Decision, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.grants.models import Grant
from requests_app.review.comments import request_changes
from tests.bank import Bank, approve, submit_bank_item
from tests.portal.conftest import make_client

NARROWED_FORM: dict[str, list[str] | str] = {
    "columns": ["amount"],
    "row_filter": "",
    "ends_at": "",
    "trial_days": "",
}


def return_sample_item(bank: Bank) -> RequestItem:
    item = submit_bank_item(bank)
    words = "Is the amount needed?"
    request_changes(
        acting_user=bank.ines, item_id=item.pk, comment=words, idempotency_key="k", now=clock.now()
    )
    return item


def test_less_is_shown_before_it_is_approved(bank: Bank) -> None:
    item, ines = submit_bank_item(bank), make_client(bank.ines)
    address = reverse("review", args=[item.pk])
    whole = ines.get(address).context["review"].effects_hash
    assert "Approve all 2 columns" in ines.get(address).content.decode()
    page = ines.get(address, NARROWED_FORM)
    shown = page.context["review"].effects_hash
    assert "column claim_id" in page.content.decode()
    assert "Approve 1 of 2 columns" in page.content.decode()
    assert shown != whole
    said = {"answer": "approve", "effects_hash": shown, "comment": ""} | NARROWED_FORM
    refused = ines.post(address, said)
    assert (refused.status_code, Grant.objects.exists()) == (422, False)
    assert "Tell the requester why you approve fewer columns." in refused.content.decode()
    assert ines.post(address, said | {"comment": "The amount is enough."})["Location"] == reverse("reviews")
    assert Grant.objects.get().item.columns == ["amount"]


def test_the_hash_of_the_whole_ask_does_not_approve_less(bank: Bank) -> None:
    item, ines = submit_bank_item(bank), make_client(bank.ines)
    address = reverse("review", args=[item.pk])
    whole = ines.get(address).context["review"].effects_hash
    answer = ines.post(address, {"answer": "approve", "effects_hash": whole, "comment": ""} | NARROWED_FORM)
    assert answer.status_code == 422
    assert "This changed after you opened it." in answer.content.decode()
    assert not Grant.objects.exists()


def test_a_choice_that_does_not_stand_shows_the_whole_ask_and_says_why(bank: Bank) -> None:
    item, ines = submit_bank_item(bank), make_client(bank.ines)
    address = reverse("review", args=[item.pk])
    cases: list[tuple[dict[str, list[str] | str], str]] = [
        ({"columns": ["iban"]}, "iban was not requested."),
        ({"row_filter": "nowhere = 1"}, "nowhere"),
        ({"ends_at": "2001-01-01"}, "The end date is in the past."),
        ({"trial_days": "90"}, "Choose an earlier end."),
    ]
    for changes, words in cases:
        page = ines.get(address, {**NARROWED_FORM, **changes})
        assert words in page.content.decode()
        assert not page.context["chosen_terms"].differences


def test_a_trial_is_told_to_who_asked(bank: Bank) -> None:
    item, ines = submit_bank_item(bank), make_client(bank.ines)
    address = reverse("review", args=[item.pk])
    trial = {"columns": ["claim_id", "amount"], "trial_days": "14"}
    shown = ines.get(address, trial)
    assert "Approve all 2 columns for a trial of 14 days" in shown.content.decode()
    said = {"answer": "approve", "effects_hash": shown.context["review"].effects_hash, "comment": ""}
    ines.post(address, said | trial)
    assert Decision.objects.get().trial_days == 14
    page = make_client(bank.ana).get(reverse("access-request", args=[item.request_id])).content.decode()
    assert "This is a trial until" in page


def test_a_change_is_asked_for_answered_and_seen(bank: Bank) -> None:
    item, ines, ana = submit_bank_item(bank), make_client(bank.ines), make_client(bank.ana)
    review, change = reverse("review", args=[item.pk]), reverse("request-item-resubmit", args=[item.pk])
    words = "Is the amount needed?"
    said = {"answer": "return", "effects_hash": "0", "comment": words, "idempotency_key": "k"}
    assert ines.post(review, said)["Location"] == reverse("reviews")
    request = ana.get(reverse("access-request", args=[item.request_id])).content.decode()
    assert words in request
    assert change in request
    assert words in ana.get(change).content.decode()
    form = {"extent": "columns", "columns": ["claim_id"], "ends_on": item.ends_at.date(), "comment": ""}
    assert ana.post(change, form)["Location"] == reverse("access-request", args=[item.request_id])
    page = ines.get(review).content.decode()
    assert "Changed by Ana Keller" in page
    assert "column amount" in page
    assert 'value="approve"' in page


def test_asking_for_a_change_needs_words(bank: Bank) -> None:
    item = submit_bank_item(bank)
    said = {"answer": "return", "effects_hash": "0", "comment": " ", "idempotency_key": "k"}
    answer = make_client(bank.ines).post(reverse("review", args=[item.pk]), said)
    assert "Enter a comment." in answer.content.decode()
    assert RequestItem.objects.get().state == ItemState.SUBMITTED


def test_what_was_typed_stays_when_a_change_does_not_stand(bank: Bank) -> None:
    item = return_sample_item(bank)
    form = {"extent": "columns", "columns": ["amount"], "row_filter": "x =", "ends_on": "2999-01-01"}
    answer = make_client(bank.ana).post(
        reverse("request-item-resubmit", args=[item.pk]), form | {"comment": "As said"}
    )
    assert answer.status_code == 422
    assert "As said" in answer.content.decode()
    assert RequestItem.objects.get().state == ItemState.RETURNED


def test_only_who_asked_finds_the_page_to_change_it_and_only_while_it_is_back(bank: Bank) -> None:
    item = return_sample_item(bank)
    address = reverse("request-item-resubmit", args=[item.pk])
    assert make_client(bank.ana).get(address).status_code == 200
    for person in (bank.ines, bank.greta, bank.sam):
        assert make_client(person).get(address).status_code == 404
    RequestItem.objects.update(state=ItemState.SUBMITTED)
    assert make_client(bank.ana).get(address).status_code == 404


def test_comments_stand_on_both_pages_and_a_double_click_is_one(bank: Bank) -> None:
    item, ines = submit_bank_item(bank), make_client(bank.ines)
    said = {"comment": "What <b>report</b>?", "idempotency_key": "k", "on": "review"}
    address = reverse("request-item-comments", args=[item.pk])
    assert ines.post(address, said)["Location"] == ines.post(address, said)["Location"]
    assert Comment.objects.count() == 1
    for person, name, pk in [(bank.ines, "review", item.pk), (bank.ana, "access-request", item.request_id)]:
        page = make_client(person).get(reverse(name, args=[pk])).content.decode()
        assert "What &lt;b&gt;report&lt;/b&gt;?" in page


def test_who_only_looks_on_writes_nothing(bank: Bank) -> None:
    address = reverse("request-item-comments", args=[submit_bank_item(bank).pk])
    for person in (bank.greta, bank.sam):
        assert (
            make_client(person).post(address, {"comment": "Hello", "idempotency_key": "k"}).status_code == 404
        )
    assert not Comment.objects.exists()


def test_earlier_decisions_alike_stand_beside(bank: Bank) -> None:
    decided = submit_bank_item(bank)
    approve(bank, decided)
    later = submit_bank_item(bank, idempotency_key="form-2", ends_at=decided.ends_at + timedelta(days=1))
    found = make_client(bank.ines).get(reverse("review", args=[later.pk])).context["similar_decisions"]
    assert [one.decision.item_id for one in found] == [decided.pk]
    assert found[0].common_points == ("same table", "same product", "same team", "same role")
