"""Rules over the API: drafted, replayed, put in force, retired; and a yes that needs others."""

from typing import Any

from rest_framework.test import APIClient

from identity.people.models import Person
from requests_app.review.approval_hash import compute_item_approval_hash
from tests.bank import Bank, asked_item
from tests.requests_app.policy_setup import in_force, make_privacy, needing

DRAFT: dict[str, Any] = {
    "rules": [{"name": "two", "then": {"needs": [{"role": "owner", "quorum": 2}]}}],
    "note": "Two look at all of it.",
}


def client(person: Person) -> APIClient:
    found = APIClient()
    found.force_login(person)
    return found


def test_a_policy_from_draft_to_retirement(bank: Bank) -> None:
    item, ines = asked_item(bank), client(bank.ines)
    address = f"/api/policies/{bank.domain.slug}/"
    draft = ines.post(address, DRAFT, format="json", headers={"Idempotency-Key": "d"})
    again = ines.post(address, DRAFT, format="json", headers={"Idempotency-Key": "d"})
    assert (draft.status_code, again.json()) == (201, draft.json())
    simulated = ines.get(f"{address}simulation").json()
    assert (simulated["looked_at"], simulated["escalated"]) == (1, 1)
    assert simulated["differing"] == [
        {
            "item": item.pk,
            "before": "Needs approval by a data owner.",
            "after": "Needs approval by 2 data owners.",
        }
    ]
    version = draft.json()["id"]
    assert ines.post(f"/api/policies/versions/{version}/force").json()["state"] == "in_force"
    assert ines.post(f"/api/policies/versions/{version}/force").status_code == 409
    assert ines.get(address).json()["in_force"]["id"] == version
    retire = f"/api/policies/versions/{version}/retire"
    assert ines.post(retire).json()["field"] == "reason"
    retired = ines.post(retire, {"reason": "Replaced by offers."}, format="json").json()
    assert (retired["state"], retired["retire_reason"]) == ("retired", "Replaced by offers.")


def test_a_domains_rules_are_its_own(bank: Bank) -> None:
    address = f"/api/policies/{bank.domain.slug}/"
    assert client(bank.ana).post(address, DRAFT, format="json").status_code == 404
    assert client(bank.greta).post(address, DRAFT, format="json").status_code == 403
    assert [one["slug"] for one in client(bank.ana).get("/api/policies/").json()] == ["all"]


def test_a_yes_that_needs_others_is_accepted_and_no_grant(bank: Bank) -> None:
    make_privacy()
    in_force(bank, needing({"role": "privacy"}), everywhere=True)
    item = asked_item(bank)
    ines, address = client(bank.ines), f"/api/items/{item.pk}"
    rules = ines.get(f"{address}/review").json()["rules"]
    assert [need["role"] for need in rules["needs"]] == ["owner", "privacy"]
    said = {"effects_hash": compute_item_approval_hash(item), "rules_hash": "0" * 64}
    changed = ines.post(f"{address}/approve", said, format="json")
    assert (changed.status_code, changed.json()["code"]) == (409, "rules_changed")
    answer = ines.post(f"{address}/approve", said | {"rules_hash": rules["rules_hash"]}, format="json")
    assert (answer.status_code, answer.json()["grant"]) == (202, None)
