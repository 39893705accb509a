"""What policies require over the API: previewed, refused with what is missing, kept and shown."""

from typing import Any

from requests_app.access_requests.models import RequestItem
from requests_app.policy_engine.rules import compute_text_digest
from tests.bank import Bank
from tests.portal.api.calls import draft, read, send, table_item
from tests.portal.conftest import make_client
from tests.requests_app.policy_setup import publish_rules

TICKET = {"name": "ticket", "label": "Change ticket", "pattern": "CHG-[0-9]+", "help": "As on the board."}
TEXT = "For the report alone."
DEMANDING: dict[str, Any] = {"name": "a-ticket", "then": {"fields": [TICKET], "accept": TEXT}}
HASH = compute_text_digest(TEXT)


def wish(bank: Bank) -> dict[str, Any]:
    return draft(bank, items=[table_item(bank.claims, "claim_id")])


def given(ticket: str, *, accepted: bool = True) -> dict[str, Any]:
    return {
        "required_fields": [{"name": "ticket", "value": ticket}, {"name": "colour", "value": "red"}],
        "required_texts": [{"text_hash": HASH, "accepted": accepted}],
    }


def test_what_is_required_is_previewed_refused_without_and_shown_to_deciders(bank: Bank) -> None:
    publish_rules(bank, DEMANDING)
    ana = make_client(bank.ana)
    (previewed,) = send(ana, "access-requests/preview", wish(bank)).json()["items"]
    assert (previewed["item"], previewed["sentence"]) == (0, "Needs approval by a data owner.")
    assert previewed["required_fields"] == [TICKET]
    assert previewed["required_texts"] == [{"text_hash": HASH, "text": TEXT, "accepted": False}]
    refused = send(ana, "access-requests", wish(bank))
    assert (refused.status_code, refused.json()["code"]) == (422, "missing_information")
    assert {(one["pointer"], one["name"]) for one in refused.json()["errors"]} == {
        ("#/required_fields", "ticket"), ("#/required_texts", HASH),
    }  # fmt: skip
    assert not RequestItem.objects.exists()
    sent = send(ana, "access-requests", wish(bank) | given("CHG-7"))
    kept = [{"name": "ticket", "value": "CHG-7"}]
    assert (sent.status_code, sent.json()["items"][0]["required_fields"]) == (201, kept)
    policy = read(bank.ines, f"reviews/{RequestItem.objects.get().pk}")["policy"]
    assert policy["required_fields"] == [{"label": "Change ticket", "value": "CHG-7"}]
    assert [one["text"] for one in policy["required_texts"]] == [TEXT]
    assert not policy["refusals"]


def test_what_came_back_for_a_new_requirement_is_resubmitted(bank: Bank) -> None:
    ana = make_client(bank.ana)
    send(ana, "access-requests", wish(bank))
    publish_rules(bank, DEMANDING, everywhere=True)
    item = RequestItem.objects.get()
    again = {"columns": item.columns, "expires_at": item.ends_at.isoformat()}
    address = f"request-items/{item.pk}/resubmit"
    refused = send(ana, address, again | given("7", accepted=False))
    assert (refused.status_code, refused.json()["code"]) == (422, "missing_information")
    assert send(ana, address, again | given("CHG-7")).json()["state"] == "waiting_for_review"
