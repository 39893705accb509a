"""Reviews and decisions over HTTP; each refusal leaves everything as it was."""

from typing import Any

import pytest
from django.test import Client

from audit.models import Event
from catalog.mirror.models import Column
from fulfilment.intents.models import Intent
from identity.people.models import Person
from requests_app.access_requests.models import Decision, Item
from requests_app.grants.models import Grant
from tests.bank import Bank, approve, asked_item
from tests.evidence import see


def signed_in(person: Person | None) -> Client:
    client = Client()
    if person:
        client.force_login(person)
    return client


def post(person: Person | None, address: str, **body: Any) -> Any:
    return signed_in(person).post(f"/api/{address}", body, content_type="application/json")


def shown_hash(bank: Bank, item: Item) -> str:
    review = signed_in(bank.ines).get(f"/api/items/{item.pk}/review").json()
    return str(review["effects_hash"])


def rows() -> tuple[int, ...]:
    return Decision.objects.count(), Grant.objects.count(), Intent.objects.count(), Event.objects.count()


def test_the_inbox_and_the_review_show_what_a_yes_makes_true(bank: Bank) -> None:
    item = asked_item(bank)
    waiting = signed_in(bank.ines).get("/api/inbox/").json()
    assert [row["id"] for row in waiting["results"]] == [item.pk]
    assert waiting["results"][0]["purpose"] == "Quarterly reserve report"
    review = signed_in(bank.ines).get(f"/api/items/{item.pk}/review").json()
    assert review["verdict"] == {"allowed": True, "reason": ""}
    assert review["effects"]["not_granted"] == ["iban"]
    select = next(line for line in review["effects"]["adds"] if "SELECT" in line["text"])
    assert (select["sign"], select["columns"]) == ("+", ["amount", "claim_id"])
    assert [person["name"] for person in review["deciders"]] == ["Ines Roth", "Ivo Lang"]
    assert (review["is_waiting"], review["approved"], review["obstacle"]) == (True, None, "")


def test_the_requester_reads_the_review_and_learns_why_not(bank: Bank) -> None:
    item = asked_item(bank)
    review = signed_in(bank.ana).get(f"/api/items/{item.pk}/review").json()
    assert not review["verdict"]["allowed"]
    assert "requested this yourself" in review["verdict"]["reason"]


def test_an_approval_answers_with_the_grant(bank: Bank) -> None:
    item = asked_item(bank)
    answer = post(bank.ines, f"items/{item.pk}/approve", effects_hash=shown_hash(bank, item), comment="Fine.")
    body = answer.json()
    assert (answer.status_code, body["state"], body["item"]) == (200, "live", item.pk)
    assert (body["progress"]["kind"], body["progress"]["word"]) == ("blue", "Applying")
    assert (body["progress"]["presence"], body["progress"]["usable"]) == ("unseen", None)


def test_changed_effects_answer_409_with_the_fresh_ones(bank: Bank) -> None:
    item = asked_item(bank)
    seen = shown_hash(bank, item)
    Column.objects.filter(table=bank.claims, name="amount").update(classification="sensitive")
    before = rows()
    answer = post(bank.ines, f"items/{item.pk}/approve", effects_hash=seen)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (409, "effects_changed")
    assert body["effects"]["approved"]["classification"]["amount"] == "sensitive"
    assert body["effects_hash"] == shown_hash(bank, item) != seen
    assert rows() == before
    assert post(bank.ines, f"items/{item.pk}/approve", effects_hash=shown_hash(bank, item)).status_code == 200


@pytest.mark.parametrize(
    ("who", "status"), [(None, 401), ("sam", 404), ("ana", 403), ("greta", 403)], ids=str
)
@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_who_may_not_decide(bank: Bank, verb: str, who: str | None, status: int) -> None:
    item = asked_item(bank)
    shown = {"effects_hash": shown_hash(bank, item)} if verb == "approve" else {}
    body, before = {"comment": "Because.", **shown}, rows()
    answer = post(getattr(bank, who) if who else None, f"items/{item.pk}/{verb}", **body)
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "message", "field"}
    item.refresh_from_db()
    assert (rows(), item.state) == (before, "submitted")


def test_a_no_needs_its_reason(bank: Bank) -> None:
    item = asked_item(bank)
    answer = post(bank.ines, f"items/{item.pk}/reject", comment="")
    assert (answer.status_code, answer.json()["field"]) == (400, "comment")
    answer = post(bank.ines, f"items/{item.pk}/reject", comment="Use totals.")
    assert (answer.status_code, answer.json()["state"]) == (200, "rejected")
    assert answer.json()["decisions"][0]["comment"] == "Use totals."


def test_a_second_decision_is_a_conflict(bank: Bank) -> None:
    item = asked_item(bank)
    seen = shown_hash(bank, item)
    assert post(bank.ines, f"items/{item.pk}/approve", effects_hash=seen).status_code == 200
    before = rows()
    answer = post(bank.ivo, f"items/{item.pk}/approve", effects_hash=seen)
    assert (answer.status_code, answer.json()["message"]) == (
        409,
        "This is approved by now; nothing was changed.",
    )
    assert rows() == before


def test_a_withdrawal_over_http(bank: Bank) -> None:
    item = asked_item(bank)
    assert post(bank.ines, f"items/{item.pk}/withdraw").status_code == 403
    assert post(bank.sam, f"items/{item.pk}/withdraw").status_code == 404
    assert post(bank.ana, f"items/{item.pk}/withdraw").json()["state"] == "withdrawn"
    assert post(bank.ana, f"items/{item.pk}/withdraw").status_code == 409


def test_a_grant_tells_what_aws_holds_and_since_when_it_is_known(bank: Bank) -> None:
    grant = approve(bank, asked_item(bank))
    at = see(
        grant.intent, Intent.Presence.PRESENT, catalog=bank.catalog, consumer=bank.bi_account, usable=True
    )
    body = signed_in(bank.ana).get(f"/api/grants/{grant.pk}/").json()
    assert (body["progress"]["presence"], body["progress"]["usable"]) == ("present", True)
    assert body["progress"]["evidence_at"] == at.isoformat().replace("+00:00", "Z")
    assert signed_in(bank.ana).get("/api/grants/").json()["results"] == [
        {name: value for name, value in body.items() if name != "other_paths"}
    ]
    assert signed_in(bank.sam).get(f"/api/grants/{grant.pk}/").status_code == 404
    assert signed_in(bank.sam).get("/api/grants/").json()["results"] == []


def test_a_revoke_over_http(bank: Bank) -> None:
    grant = approve(bank, asked_item(bank))
    before = rows()
    assert post(None, f"grants/{grant.pk}/revoke", reason="Over.").status_code == 401
    assert post(bank.sam, f"grants/{grant.pk}/revoke", reason="Over.").status_code == 404
    assert post(bank.ines, f"grants/{grant.pk}/revoke", reason="").json()["field"] == "reason"
    assert rows() == before
    body = post(bank.ines, f"grants/{grant.pk}/revoke", reason="Over.").json()
    assert (body["state"], body["end_reason"], body["progress"]["word"]) == (
        "revoked",
        "Over.",
        "Ending",
    )
    assert post(bank.ines, f"grants/{grant.pk}/revoke", reason="Over.").status_code == 409
