"""Offers of a whole database, and of whatever carries LF-Tags."""

from typing import Any

import pytest

from catalog.products.offers.models import OfferVersion
from kernel.errors import RefusedError
from requests_app.access_requests.models import AccessRequest
from requests_app.access_requests.states import ItemState
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, make_bank, submit_bank_item
from tests.offers import build_offer_item, publish_draft
from tests.requests_app.lf_tags_request import GOLD_TAGS, assign_tags, submit_by_lf_tags
from tests.requests_app.policy_setup import register_location


@pytest.fixture
def bank(db: None) -> Bank:
    found = make_bank()
    assign_tags(found.claims, {"tier": "gold"}, iban={"tier": "raw"})
    return found


def publish_tags_offer(bank: Bank, **changes: Any) -> OfferVersion:
    words: dict[str, Any] = {
        "scope": "tags",
        "tables": (),
        "catalog": bank.catalog.pk,
        "tags": GOLD_TAGS,
        "terms": "Be kind.",
    }
    return publish_draft(bank, **words | changes)


def test_a_table_that_comes_later_is_asked_for_under_its_database(bank: Bank) -> None:
    offer = publish_draft(bank, scope="database", tables=(), database=bank.claims.database_id, terms="")
    later = factories.make_table(bank.claims.database, "later")
    asked = RequestedItem(later.pk, ("amount",), False, None, offer_id=offer.pk, use="query")
    assert submit_bank_item(bank, items=[asked]).offer == offer
    other = factories.make_table(factories.make_database(bank.catalog, bank.domain, "other"), "payments")
    elsewhere = RequestedItem(other.pk, ("amount",), False, None, offer_id=offer.pk, use="query")
    with pytest.raises(RefusedError, match="does not offer this table"):
        submit_bank_item(bank, items=[elsewhere], idempotency_key="form-2")


def test_one_asks_by_the_tags_that_are_offered(bank: Bank) -> None:
    offer = publish_tags_offer(bank)
    said: dict[str, Any] = {"offer_id": offer.pk, "use": "query", "accepted_term_ids": [offer.terms_id]}
    item = submit_by_lf_tags(bank, **said)
    assert (item.offer, item.use, item.tags) == (offer, "query", GOLD_TAGS)
    assert submit_by_lf_tags(bank, **said) == item
    assert approve(bank, item).state == "live"


def test_what_comes_later_under_the_tags_is_never_agreed_to_beforehand(bank: Bank) -> None:
    register_location(bank)
    offer = publish_tags_offer(bank, automatic=True, terms="")
    assert submit_by_lf_tags(bank, offer_id=offer.pk, use="query").state == ItemState.SUBMITTED


@pytest.mark.parametrize(
    ("offered", "asked", "field"),
    [
        ({"tags": {"tier": ["silver"]}}, {}, "offer"),
        ({}, {"use": "training"}, "use"),
        ({}, {"use": "metadata"}, "use"),
        ({}, {"ends_at": 91}, "ends_at"),
        ({}, {"accepted_term_ids": []}, "terms"),
        ({}, {"offer_id": 10**9}, "offer"),
    ],
)
def test_beyond_the_offer_nothing_is_written(bank: Bank, offered: Any, asked: Any, field: str) -> None:
    offer = publish_tags_offer(bank, **offered)
    said = {"offer_id": offer.pk, "use": "query", "accepted_term_ids": [offer.terms_id]} | asked
    if "ends_at" in said:
        said["ends_at"] = factories.days_from_now(said["ends_at"])
    with pytest.raises(RefusedError) as caught:
        submit_by_lf_tags(bank, **said)
    assert (caught.value.field, AccessRequest.objects.count()) == (field, 0)


def test_tags_that_open_a_higher_class_by_now_are_refused(bank: Bank) -> None:
    offer = publish_tags_offer(bank)
    assign_tags(bank.claims, {"tier": "gold"})
    with pytest.raises(RefusedError, match=r"Remove claims\.iban"):
        submit_by_lf_tags(bank, offer_id=offer.pk, use="query", accepted_term_ids=[offer.terms_id])


def test_a_table_is_not_asked_for_by_name_under_an_offer_of_tags(bank: Bank) -> None:
    offer = publish_tags_offer(bank)
    with pytest.raises(RefusedError, match="does not offer these LF-Tags"):
        submit_bank_item(bank, items=[build_offer_item(bank, offer)], accepted_term_ids=[offer.terms_id])
