"""A call that rests on what was changed meanwhile is refused where the caller says what they saw."""

from typing import Any

import pytest

from catalog.products.offers.models import OfferVersion
from requests_app.access_requests.models import RequestItem
from requests_app.policies.models import PolicyVersion
from tests.bank import Bank, submit_bank_item
from tests.portal.api.calls import place_of, read, send
from tests.portal.offers.test_api import build_offer_body, version_said


@pytest.mark.parametrize("outcome", ["reject", "request_changes"])
def test_a_decision_on_what_was_changed_meanwhile_is_refused(bank: Bank, outcome: str) -> None:
    item = submit_bank_item(bank)
    seen = read(bank.ines, f"reviews/{item.pk}")["terms_hash"]
    RequestItem.objects.filter(pk=item.pk).update(columns=["claim_id"])
    body = {"outcome": outcome, "comment": "Without the amounts, please."}
    address = f"reviews/{item.pk}/decisions"
    late = send(bank.ines, address, body | {"terms_hash": seen})
    assert (late.status_code, late.json()["code"], place_of(late)) == (409, "terms_changed", "#/terms_hash")
    assert "Ana Keller changed this item" in late.json()["detail"]
    item.refresh_from_db()
    assert item.state == "submitted"
    now = read(bank.ines, f"reviews/{item.pk}")["terms_hash"]
    assert late.json()["terms_hash"] == now
    assert send(bank.ines, address, body | {"terms_hash": now}).status_code == 201


def test_a_policy_drafted_over_a_newer_one_is_refused(bank: Bank) -> None:
    def kept(days: int, based_on: str | None) -> Any:
        rules = [{"name": "short", "then": {"most_days": days}}]
        body = {"rules": rules, "note": "As it was agreed.", "based_on": based_on}
        return send(bank.ines, f"policies/{bank.domain.slug}/versions", body)

    first = kept(10, None).json()["id"]
    second = kept(20, first)
    late = kept(30, first)
    assert (second.status_code, late.status_code, place_of(late)) == (201, 409, "#/based_on")
    assert PolicyVersion.objects.count() == 2
    assert kept(30, second.json()["id"]).status_code == 201


def test_an_offer_written_over_a_newer_version_is_refused(bank: Bank) -> None:
    first = send(bank.ines, "offers", build_offer_body(bank)).json()
    over = {"based_on": first["draft"]["id"]}
    address = f"offers/{first['id']}/versions"
    assert send(bank.ines, address, version_said(bank, summary="Second", **over)).status_code == 201
    late = send(bank.ines, address, version_said(bank, summary="Third", **over))
    assert (late.status_code, place_of(late)) == (409, "#/based_on")
    assert OfferVersion.objects.count() == 2


def test_a_new_offer_sent_twice_is_one(bank: Bank) -> None:
    first, again = (send(bank.ines, "offers", build_offer_body(bank)).json() for _ in range(2))
    other = send(
        bank.ines, "offers", build_offer_body(bank, terms={"text": "Name the source and the day."})
    ).json()
    assert (first, first["id"] != other["id"]) == (again, True)
    assert OfferVersion.objects.count() == 2
