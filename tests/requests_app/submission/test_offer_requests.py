"""A request under an offer lies within it, its terms accepted, or is refused at the field."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from audit.models import Event
from catalog.products.offers.actions import retire_offer
from catalog.products.offers.models import OfferVersion, TermsAcceptance
from kernel import clock
from kernel.errors import RefusedError
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.review.comments import request_changes
from requests_app.submission.actions import submit_basket
from requests_app.submission.basket import add_to_basket, get_basket
from requests_app.submission.basket_summary import build_basket_rows
from requests_app.submission.changes import resubmit_item
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, make_bank, submit_bank_item, submit_bank_request
from tests.offers import build_offer_item, publish_draft, write_draft
from tests.request_details import pack_details


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


@pytest.fixture
def offer(bank: Bank) -> OfferVersion:
    return publish_draft(bank)


def get_refusal(bank: Bank, one: RequestedItem, **changes: Any) -> tuple[str, str]:
    before = AccessRequest.objects.count(), Event.objects.count(), TermsAcceptance.objects.count()
    with pytest.raises(RefusedError) as caught:
        submit_bank_request(bank, items=[one], **changes)
    assert before == (AccessRequest.objects.count(), Event.objects.count(), TermsAcceptance.objects.count())
    return caught.value.field, caught.value.message


def test_an_ask_within_the_offer_keeps_it_and_who_accepted_what(bank: Bank, offer: OfferVersion) -> None:
    item = submit_bank_item(bank, items=[build_offer_item(bank, offer)], accepted_term_ids=[offer.terms_id])
    assert (item.offer, item.use) == (offer, "query")
    kept = TermsAcceptance.objects.get()
    assert (kept.person, kept.terms, kept.event.verb) == (bank.ana, offer.terms, "accept_terms")
    again = build_offer_item(bank, offer, columns=("claim_id",))
    assert submit_bank_request(bank, items=[again], idempotency_key="form-2").items.get().offer == offer
    assert TermsAcceptance.objects.count() == 1
    assert approve(bank, item).state == "live"


@pytest.mark.parametrize(
    ("changes", "words", "field", "said"),
    [
        ({"columns": ("claim_id", "iban")}, {}, "columns", "Remove iban"),
        ({"whole_table": True, "columns": ()}, {}, "columns", "not future ones"),
        ({"use": "training"}, {}, "use", "does not allow this use"),
        ({"use": ""}, {}, "use", "does not allow this use"),
        ({"use": "metadata"}, {}, "use", "a separate use"),
        ({"use": "anything"}, {}, "use", "Choose how"),
        ({}, {"days": 91}, "ends_at", "allows at most 90 days"),
        ({}, {"accepted_term_ids": []}, "terms", "Read and accept the terms"),
        ({"offer_id": 10**9}, {}, "offer", "offer does not exist"),
    ],
)
def test_what_goes_beyond_is_said_at_its_field(
    bank: Bank, *, offer: OfferVersion, changes: Any, words: Any, field: str, said: str
) -> None:
    sent = {"accepted_term_ids": words.get("accepted_term_ids", [offer.terms_id])}
    sent["ends_at"] = factories.days_from_now(words.get("days", 90))
    told = get_refusal(bank, build_offer_item(bank, offer, **changes), **sent)
    assert (told[0], said in told[1]) == (field, True), told


def test_rows_are_chosen_among_those_offered(bank: Bank) -> None:
    values = {"amount": ["'5'", "'7'"]}
    offer = publish_draft(bank, row_template="amount = {amount}", row_values=values, terms="")
    for rule in ("", "amount = '9'", "amount = '5' OR claim_id = '1'"):
        assert get_refusal(bank, build_offer_item(bank, offer, row_filter=rule))[0] == "row_filter", rule
    item = submit_bank_item(bank, items=[build_offer_item(bank, offer, row_filter="AMOUNT in ('7','5')")])
    assert item.row_filter == "amount IN ('7', '5')"


def test_an_offer_withdrawn_or_changed_since_it_was_shown_is_told(bank: Bank, offer: OfferVersion) -> None:
    newer = publish_draft(bank, offer.offer, longest_hours=24)
    field, said = get_refusal(bank, build_offer_item(bank, offer), accepted_term_ids=[offer.terms_id])
    assert (field, "changed or retired after you opened it" in said) == ("offer", True)
    retire_offer(acting_user=bank.ivo, offer_id=offer.offer_id, now=clock.now())
    assert get_refusal(bank, build_offer_item(bank, newer), accepted_term_ids=[offer.terms_id])[0] == "offer"


def test_a_grant_under_a_withdrawn_offer_goes_on(bank: Bank, offer: OfferVersion) -> None:
    item = submit_bank_item(bank, items=[build_offer_item(bank, offer)], accepted_term_ids=[offer.terms_id])
    retire_offer(acting_user=bank.ines, offer_id=offer.offer_id, now=clock.now())
    grant = approve(bank, item)
    assert (grant.state, grant.item.offer) == ("live", offer)


def test_a_draft_is_nothing_to_ask_under(bank: Bank, offer: OfferVersion) -> None:
    assert get_refusal(bank, build_offer_item(bank, write_draft(bank)))[0] == "offer"


def test_a_change_stays_within_the_offer(bank: Bank, offer: OfferVersion) -> None:
    item = submit_bank_item(bank, items=[build_offer_item(bank, offer)], accepted_term_ids=[offer.terms_id])
    request_changes(
        acting_user=bank.ines, item_id=item.pk, comment="Less.", idempotency_key="r", now=clock.now()
    )
    told = {"acting_user": bank.ana, "item_id": item.pk, "comment": "", "now": clock.now()}
    wider: list[tuple[RequestedItem, int, str]] = [
        (build_offer_item(bank, offer, columns=("iban",)), 30, "columns"),
        (build_offer_item(bank, offer), 91, "ends_at"),
        (build_offer_item(bank, offer, columns=(), metadata_only=True, use=""), 30, "extent"),
    ]
    for one, days, field in wider:
        with pytest.raises(RefusedError) as caught:
            resubmit_item(requested_item=one, ends_at=factories.days_from_now(days), **told)  # type: ignore[arg-type]
        assert caught.value.field == field
    fewer = build_offer_item(bank, offer, columns=("claim_id",))
    changed = resubmit_item(requested_item=fewer, ends_at=factories.days_from_now(30), **told)  # type: ignore[arg-type]
    assert (changed.columns, changed.offer) == (["claim_id"], offer)


def test_a_basket_asks_under_offers_and_says_what_goes_beyond(bank: Bank, offer: OfferVersion) -> None:
    add_to_basket(
        person=bank.ana, team=bank.bi, requested_items=[build_offer_item(bank, offer)], now=clock.now()
    )
    far = factories.days_from_now(100)
    (row,) = build_basket_rows(bank.ana, bank.bi, principal=bank.role, ends_at=far)
    assert "allows at most 90 days" in row.problem
    sent: dict[str, Any] = {
        "acting_user": bank.ana, "team": bank.bi, "principal": bank.role, "purpose": "Quarterly report",
        "basket_version": get_basket(bank.ana, bank.bi).version, "now": clock.now(),
    }  # fmt: skip
    near = far - timedelta(days=20)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"ends_at": far, "accepted_term_ids": [offer.terms_id]}, "ends_at"), ({"ends_at": near}, "terms"),
    ]  # fmt: skip
    for words, field in wrong:
        with pytest.raises(RefusedError) as caught:
            submit_basket(**pack_details(sent | words))
        assert caught.value.field == field
    request = submit_basket(
        **pack_details(sent | {"ends_at": near}), accepted_term_ids=[offer.terms_id or 0]
    ).request
    assert request.items.get().offer == offer


def test_the_database_holds_it_against_sql(bank: Bank, offer: OfferVersion) -> None:
    free = publish_draft(bank, terms="", name="Another")
    item = submit_bank_item(bank)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        RequestItem.objects.filter(pk=item.pk).update(offer=offer, use="query")
    policies = factories.make_table(bank.claims.database, "policies")
    words: dict[str, Any] = {
        "request": item.request, "requester": bank.ana, "table": policies, "columns": ["amount"],
        "ends_at": item.ends_at, "state_changed_at": clock.now(), "offer": offer, "use": "query",
    }  # fmt: skip
    with pytest.raises(IntegrityError, match="accepted the terms"), transaction.atomic():
        RequestItem.objects.create(**words)
    with pytest.raises(IntegrityError, match="item_under_an_offer_says_its_use"), transaction.atomic():
        RequestItem.objects.create(**words | {"offer": free, "use": ""})


def test_what_waits_already_for_the_same_role_is_pointed_out(bank: Bank) -> None:
    submit_bank_request(bank)
    add_to_basket(
        person=bank.ana,
        team=bank.bi,
        requested_items=[RequestedItem(bank.claims.pk, ("amount",), False, None)],
        now=clock.now(),
    )
    (row,) = build_basket_rows(bank.ana, bank.bi, principal=bank.role, ends_at=factories.days_from_now(9))
    assert row.waiting.startswith("Ana Keller requested insurance_gold.claims for bi-reporting on ")
    assert (row.problem, row.coverage) == ("", "")
    (row,) = build_basket_rows(bank.ana, bank.bi)
    assert row.waiting == ""
