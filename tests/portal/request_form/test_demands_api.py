"""What rules demand over the API: told ahead, refused with what is missing, kept and shown."""

from typing import Any

from requests_app.access_requests.models import Item
from requests_app.policy_engine.required_information import compute_text_digest
from tests import factories
from tests.bank import Bank
from tests.portal.policies.test_api import client
from tests.requests_app.policy_setup import in_force

TICKET = {"name": "ticket", "label": "Change ticket", "pattern": "CHG-[0-9]+", "help": "As on the board."}
TEXT = "For the report alone."
DEMANDING: dict[str, Any] = {"name": "a-ticket", "then": {"fields": [TICKET], "accept": TEXT}}


def wish(bank: Bank) -> dict[str, Any]:
    return {
        "principal": bank.role.arn,
        "purpose": "Quarterly reserve report",
        "ends_at": factories.days_from_now(30).isoformat(),
        "items": [{"table": bank.claims.pk, "columns": ["claim_id"]}],
    }


def test_what_is_demanded_is_told_ahead_refused_without_and_shown_to_deciders(bank: Bank) -> None:
    in_force(bank, DEMANDING)
    ana, digest = client(bank.ana), compute_text_digest(TEXT)
    told = ana.post("/api/requests/ahead", wish(bank), format="json").json()
    assert told[0]["happens"] == "Needs approval by a data owner."
    assert told[0]["demands"] == {
        "fields_to_answer": [TICKET],
        "texts_to_accept": [{"digest": digest, "text": TEXT, "accepted": False}],
    }
    ask = wish(bank) | {"submission_key": "k-1"}
    refused = ana.post("/api/requests/", ask, format="json")
    assert (refused.status_code, refused.json()["field"]) == (400, "answers.ticket")
    assert refused.json()["missing"].keys() == {"ticket", digest}
    assert not Item.objects.exists()
    said = {"answers": {"ticket": "CHG-7", "colour": "red"}, "agrees": [digest]}
    sent = ana.post("/api/requests/", ask | said, format="json")
    assert (sent.status_code, sent.json()["items"][0]["answers"]) == (201, {"ticket": "CHG-7"})
    rules = client(bank.ines).get(f"/api/items/{Item.objects.get().pk}/review").json()["rules"]
    assert rules["answers"] == [{"label": "Change ticket", "answer": "CHG-7"}]
    assert [one["text"] for one in rules["accepted"]] == [TEXT]
    assert not rules["refusals"]


def test_what_came_back_for_a_new_demand_is_answered(bank: Bank) -> None:
    ana = client(bank.ana)
    ana.post("/api/requests/", wish(bank) | {"submission_key": "k-1"}, format="json")
    in_force(bank, DEMANDING, everywhere=True)
    item = Item.objects.get()
    again = {"columns": item.columns, "ends_at": item.ends_at.isoformat()}
    address = f"/api/items/{item.pk}/change"
    refused = ana.post(address, again | {"answers": {"ticket": "7"}}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (400, "unanswered")
    said = {"answers": {"ticket": "CHG-7"}, "agrees": [compute_text_digest(TEXT)]}
    assert ana.post(address, again | said, format="json").json()["state"] == "submitted"
