"""A call that rests on what was changed meanwhile is refused where the caller says what they saw."""

from typing import Any

import pytest

from catalog.products.offers.models import OfferVersion
from identity.people.models import Person
from requests_app.access_requests.models import Item
from requests_app.policies.models import PolicyVersion
from tests.bank import Bank, asked_item
from tests.portal.conftest import signed_in
from tests.portal.offers.test_api import said

KEYS = {"reject": {}, "return": {"key": "one"}}


def post(person: Person, address: str, body: dict[str, Any]) -> Any:
    return signed_in(person).post(f"/api/v1/{address}", body, content_type="application/json")


@pytest.mark.parametrize("verb", KEYS)
def test_a_no_to_what_was_changed_meanwhile_is_refused(bank: Bank, verb: str) -> None:
    item = asked_item(bank)
    look = f"/api/v1/items/{item.pk}/review"
    seen = signed_in(bank.ines).get(look).json()["terms_digest"]
    Item.objects.filter(pk=item.pk).update(columns=["claim_id"])
    words = {"comment": "Without the amounts, please.", **KEYS[verb]}
    late = post(bank.ines, f"items/{item.pk}/{verb}", {**words, "shown": seen})
    assert (late.status_code, late.json()["field"]) == (400, "shown")
    item.refresh_from_db()
    assert item.state == "submitted"
    now = signed_in(bank.ines).get(look).json()["terms_digest"]
    assert post(bank.ines, f"items/{item.pk}/{verb}", {**words, "shown": now}).status_code == 200


def test_rules_written_over_newer_ones_are_refused(bank: Bank) -> None:
    address = f"policies/{bank.domain.slug}"

    def kept(days: int, based_on: int | None) -> Any:
        rules = [{"name": "short", "then": {"most_days": days}}]
        said = {"rules": rules, "note": "As it was agreed.", "based_on": based_on}
        return post(bank.ines, address, said)

    first = kept(10, None).json()["id"]
    second = kept(20, first)
    late = kept(30, first)
    assert (second.status_code, late.status_code, late.json()["field"]) == (201, 400, "based_on")
    assert PolicyVersion.objects.count() == 2
    assert kept(30, second.json()["id"]).status_code == 201


def test_an_offer_written_over_a_newer_version_is_refused(bank: Bank) -> None:
    address = f"products/{bank.product.slug}/offers"
    first = post(bank.ines, address, said(bank)).json()
    over = {"offer": first["offer"], "based_on": first["id"]}
    assert post(bank.ines, address, said(bank, summary="Second", **over)).status_code == 201
    late = post(bank.ines, address, said(bank, summary="Third", **over))
    assert (late.status_code, late.json()["field"]) == (400, "based_on")
    assert OfferVersion.objects.count() == 2


def test_a_new_offer_sent_twice_is_one(bank: Bank) -> None:
    address = f"products/{bank.product.slug}/offers"
    first, again = (post(bank.ines, address, said(bank)).json() for _ in range(2))
    other = post(bank.ines, address, said(bank, terms="Name the source and the day.")).json()
    assert (first, first["offer"] != other["offer"]) == (again, True)
    assert OfferVersion.objects.count() == 2
