"""Two tabs, the back button, a form that lay open: one outcome, a clear sentence, and what was typed is still there."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from catalog.products.offers.models import OfferVersion
from identity.people.models import Person
from kernel import clock
from requests_app.access_requests.models import AccessRequest, Decision, RequestItem
from requests_app.access_reviews.models import AccessReviewItem
from requests_app.grants.actions import revoke_grant
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState
from requests_app.policies.models import PolicyVersion
from requests_app.review.terms import compute_item_approval_hash, compute_terms_hash
from requests_app.submission.actions import withdraw_item
from requests_app.submission.basket import add_to_basket, get_basket, list_basket_items
from requests_app.targets.requested_item import RequestedItem
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role
from tests.offers import write_draft
from tests.portal.conftest import make_client
from tests.portal.offers.test_pages import build_offer_form
from tests.portal.request_form.test_pages import build_request_form
from tests.requests_app.access_reviews.test_access_reviews import start_review


def post_decision(bank: Bank, person: Person, item: RequestItem, answer: str = "approve", **said: str) -> str:
    shown = {
        "answer": answer,
        "effects_hash": compute_item_approval_hash(item),
        "comment": "As agreed.",
        "idempotency_key": "page",
    }
    return (
        make_client(person)
        .post(reverse("review", args=[item.pk]), shown | said, follow=True)
        .content.decode()
    )


def test_a_basket_sent_twice_is_one_request_and_says_so(bank: Bank) -> None:
    asks = [RequestedItem(bank.claims.pk, ("claim_id",), False, bank.product.pk)]
    add_to_basket(person=bank.ana, team=bank.bi, requested_items=asks, now=clock.now())
    said = build_request_form(bank, version=get_basket(bank.ana, bank.bi).version)
    ana, address = make_client(bank.ana), reverse("basket", args=[bank.bi.slug])
    first, second = ana.post(address, said), ana.post(address, said, follow=True)
    assert second.redirect_chain == [(first.headers["Location"], 302)]
    assert "This was already sent." in second.content.decode()
    assert AccessRequest.objects.count() == 1


def test_a_basket_that_another_tab_filled_is_not_sent_and_keeps_the_words(bank: Bank) -> None:
    asks = [RequestedItem(bank.claims.pk, ("claim_id",), False, bank.product.pk)]
    add_to_basket(person=bank.ana, team=bank.bi, requested_items=asks, now=clock.now())
    said = build_request_form(
        bank, version=get_basket(bank.ana, bank.bi).version, purpose="Words of the older tab"
    )
    add_to_basket(person=bank.ana, team=bank.bi, requested_items=asks, now=clock.now())
    answer = make_client(bank.ana).post(reverse("basket", args=[bank.bi.slug]), said)
    page = answer.content.decode()
    assert (answer.status_code, "Your basket changed after you opened it." in page) == (422, True)
    assert "Words of the older tab" in page
    assert (AccessRequest.objects.count(), len(list_basket_items(bank.ana, bank.bi))) == (0, 1)


def test_who_sends_a_decision_twice_is_told_that_the_first_stands(bank: Bank) -> None:
    item = submit_bank_item(bank)
    post_decision(bank, bank.ines, item)
    assert "You have already decided on this." in post_decision(bank, bank.ines, item, "reject")
    assert Decision.objects.count() == 1


@pytest.mark.parametrize(("answer", "state"), [("reject", "rejected"), ("return", "returned")])
def test_a_no_to_what_was_changed_meanwhile_is_asked_again(bank: Bank, answer: str, state: str) -> None:
    item = submit_bank_item(bank)
    before = compute_terms_hash(item)
    RequestItem.objects.filter(pk=item.pk).update(columns=["claim_id"])
    page = post_decision(bank, bank.ines, item, answer, shown=before)
    item.refresh_from_db()
    assert "This request was changed after you opened it." in page
    assert "As agreed." in page
    assert (item.state, Decision.objects.count()) == ("submitted", 0)
    assert f'name="shown" value="{compute_terms_hash(item)}"' in page
    post_decision(bank, bank.ines, item, answer, shown=compute_terms_hash(item))
    item.refresh_from_db()
    assert item.state == state


def test_a_decision_on_what_was_withdrawn_says_so(bank: Bank) -> None:
    item = submit_bank_item(bank)
    withdraw_item(acting_user=bank.ana, item_id=item.pk, now=clock.now())
    assert "The request was withdrawn in the meantime." in post_decision(bank, bank.ines, item)
    assert not Decision.objects.exists()


def test_a_decision_on_what_went_back_says_so(bank: Bank) -> None:
    item = submit_bank_item(bank)
    post_decision(bank, bank.ivo, item, "return")
    assert "The request was sent back to the requester in the meantime." in post_decision(
        bank, bank.ines, item
    )
    assert not Decision.objects.exists()


def test_to_extend_what_has_ended_is_to_ask_again_and_nothing_typed_is_lost(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    address = f"{reverse('access-request-new')}?table={bank.claims.pk}&extends={grant.pk}"
    ana = make_client(bank.ana)
    assert ana.get(address).context["extends"] == grant
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="Over.", now=clock.now())
    page = ana.get(address)
    assert "That access has ended in the meantime." in page.content.decode()
    assert page.context["extends"] is None
    assert ana.post(address, build_request_form(bank, purpose="")).status_code == 422
    assert ana.post(address, build_request_form(bank, idempotency_key="again")).status_code == 302
    assert [one.state for one in Grant.objects.all()] == [GrantState.REVOKED]


RULES = "- name: few-days\n  then: {most_days: %s}"


def test_rules_of_two_tabs_do_not_replace_each_other_unseen(bank: Bank) -> None:
    address = reverse("policy", args=[bank.domain.slug])

    def kept(person: Person, days: int, based_on: object) -> Any:
        said = {"rules": RULES % days, "note": "As it was agreed.", "based_on": based_on}
        return make_client(person).post(address, said)

    assert kept(bank.ines, 10, "").status_code == 302
    seen = PolicyVersion.objects.get().pk
    assert [kept(bank.ivo, 20, seen).status_code for _twice in range(2)] == [302, 302]
    late = kept(bank.ines, 30, seen)
    page = late.content.decode()
    assert (late.status_code, "Ivo Lang saved version 2 while you were editing." in page) == (422, True)
    assert "most_days: 30" in page
    assert kept(bank.ines, 30, late.context["based_on"]).status_code == 302
    assert PolicyVersion.objects.count() == 3


def test_an_offer_written_over_an_older_version_says_so_first(bank: Bank) -> None:
    seen = write_draft(bank)
    newer = write_draft(bank, seen.offer, summary="By Ivo", by=bank.ivo)
    ines, address = make_client(bank.ines), reverse("offer-edit", args=[seen.offer_id])
    late = ines.post(address, build_offer_form(bank, summary="By Ines", based_on=seen.pk))
    page = late.content.decode()
    assert (
        late.status_code,
        "Someone saved version 2 while you were editing." in page,
        "By Ines" in page,
    ) == (422, True, True)
    assert OfferVersion.objects.count() == 2
    assert f'name="based_on" value="{newer.pk}"' in page
    assert ines.post(address, build_offer_form(bank, summary="By Ines", based_on=newer.pk)).status_code == 302


def test_an_answer_after_a_campaigns_time_changes_nothing_and_says_so(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    access_review = start_review(bank)
    line = AccessReviewItem.objects.get()
    with as_role("none"):
        clock.advance(timedelta(days=8))
    said = {"answer": "keep", "lines": str(line.pk), "reason": "Still reported on."}
    answer = make_client(bank.ines).post(reverse("access-review-decide", args=[access_review.pk]), said)
    assert (answer.status_code, "The deadline has passed." in answer.content.decode()) == (422, True)
    line.refresh_from_db()
    assert line.state == "open"


def test_an_ask_of_a_database_with_a_spent_key_comes_back_with_a_new_one(bank: Bank) -> None:
    address = f"{reverse('access-request-new')}?database={bank.claims.database_id}"
    ana = make_client(bank.ana)
    mark = ana.get(address).context["target"].members_hash
    said = build_request_form(bank, members_hash=mark, later="columns", idempotency_key="tab")
    assert ana.post(address, said).status_code == 302
    again = ana.post(address, said | {"purpose": "Another purpose altogether"})
    key = again.context["form"].form_key
    assert (again.status_code, key != "tab", f'value="{key}"' in again.content.decode()) == (422, True, True)
    later = ana.post(
        address, said | {"purpose": "Another purpose altogether", "idempotency_key": key}, follow=True
    )
    assert "You already sent this form" not in later.content.decode()
