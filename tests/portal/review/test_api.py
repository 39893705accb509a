"""Reviews and decisions over HTTP; each refusal leaves everything as it was."""

from typing import Any

import pytest

from audit.models import Event
from catalog.mirror.models import Column
from fulfilment.intents.models import Intent
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.grants.models import Grant
from tests.bank import Bank, approve, submit_bank_item
from tests.engine_readings import write_presence
from tests.portal.api.calls import PROBLEM, client_of, place_of, read, send


def get_shown_hash(bank: Bank, item: RequestItem) -> str:
    return str(read(bank.ines, f"reviews/{item.pk}")["effects_hash"])


def approval(effects_hash: str, **more: Any) -> dict[str, Any]:
    return {"outcome": "approve", "effects_hash": effects_hash, **more}


def count_rows() -> tuple[int, ...]:
    return Decision.objects.count(), Grant.objects.count(), Intent.objects.count(), Event.objects.count()


def test_the_list_and_the_review_show_what_you_approve(bank: Bank) -> None:
    item = submit_bank_item(bank)
    (waiting,) = read(bank.ines, "reviews")["results"]
    assert (waiting["id"], waiting["purpose"]) == (str(item.pk), "Quarterly reserve report")
    review = read(bank.ines, f"reviews/{item.pk}")
    assert review["url"] == waiting["url"]
    assert review["may_decide"] == {"allowed": True, "reason": None}
    assert review["effects"]["not_granted"] == ["iban"]
    select = next(line for line in review["effects"]["adds"] if "SELECT" in line["text"])
    assert (select["sign"], select["columns"]) == ("+", ["amount", "claim_id"])
    assert [person["name"] for person in review["deciders"]] == ["Ines Roth", "Ivo Lang"]
    assert (review["state"], review["approved_effects"], review["obstacle"]) == (
        "waiting_for_review", None, None,
    )  # fmt: skip


def test_the_requester_reads_the_review_and_learns_why_not(bank: Bank) -> None:
    review = read(bank.ana, f"reviews/{submit_bank_item(bank).pk}")
    assert not review["may_decide"]["allowed"]
    assert "requested this yourself" in review["may_decide"]["reason"]


def test_an_approval_answers_with_the_grant(bank: Bank) -> None:
    item = submit_bank_item(bank)
    said = approval(get_shown_hash(bank, item), comment="Fine.")
    answer = send(bank.ines, f"reviews/{item.pk}/decisions", said)
    body = answer.json()
    assert (answer.status_code, body["outcome"], body["decided_by"]["name"]) == (201, "approve", "Ines Roth")
    grant = body["grant"]
    assert (grant["state"], grant["next"], grant["request_item"]["id"]) == (
        "applying",
        "portal",
        str(item.pk),
    )
    assert (grant["presence"], grant["usable"], grant["end_reason"]) == ("unseen", None, None)
    assert [one["id"] for one in read(bank.ines, "reviews", decided="true")["results"]] == [str(item.pk)]
    assert read(bank.ines, "reviews")["results"] == []


def test_changed_effects_answer_409_with_the_fresh_ones(bank: Bank) -> None:
    item = submit_bank_item(bank)
    seen = get_shown_hash(bank, item)
    Column.objects.filter(table=bank.claims, name="amount").update(classification="sensitive")
    before, address = count_rows(), f"reviews/{item.pk}/decisions"
    answer = send(bank.ines, address, approval(seen))
    body = answer.json()
    assert (answer.status_code, body["code"], place_of(answer)) == (409, "effects_changed", "#/effects_hash")
    assert body["effects"]["approved"]["classification"]["amount"] == "sensitive"
    assert body["effects_hash"] == get_shown_hash(bank, item) != seen
    assert count_rows() == before
    assert send(bank.ines, address, approval(get_shown_hash(bank, item))).status_code == 201


@pytest.mark.parametrize(
    ("who", "status"), [(None, 401), ("sam", 404), ("ana", 403), ("greta", 403)], ids=str
)
@pytest.mark.parametrize("outcome", ["approve", "reject"])
def test_who_may_not_decide(bank: Bank, outcome: str, who: str | None, status: int) -> None:
    item = submit_bank_item(bank)
    shown = {"effects_hash": get_shown_hash(bank, item)} if outcome == "approve" else {}
    body, before = {"outcome": outcome, "comment": "Because.", **shown}, count_rows()
    answer = send(getattr(bank, who) if who else None, f"reviews/{item.pk}/decisions", body)
    assert answer.status_code == status
    assert set(answer.json()) == PROBLEM
    item.refresh_from_db()
    assert (count_rows(), item.state) == (before, "submitted")


def test_a_rejection_needs_its_reason(bank: Bank) -> None:
    address = f"reviews/{submit_bank_item(bank).pk}/decisions"
    answer = send(bank.ines, address, {"outcome": "reject", "comment": ""})
    assert (answer.status_code, place_of(answer)) == (422, "#/comment")
    answer = send(bank.ines, address, {"outcome": "reject", "comment": "Use totals."})
    item = answer.json()["request_item"]
    assert (answer.status_code, item["state"], item["next"]) == (201, "rejected", None)
    assert item["decisions"][0]["comment"] == "Use totals."


def test_a_second_decision_is_a_conflict(bank: Bank) -> None:
    item = submit_bank_item(bank)
    seen, address = get_shown_hash(bank, item), f"reviews/{item.pk}/decisions"
    assert send(bank.ines, address, approval(seen)).status_code == 201
    before = count_rows()
    answer = send(bank.ivo, address, approval(seen))
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_state")
    assert "This is approved by now" in answer.json()["detail"]
    assert count_rows() == before


def test_a_withdrawal_over_http(bank: Bank) -> None:
    address = f"request-items/{submit_bank_item(bank).pk}/withdraw"
    assert send(bank.ines, address).status_code == 403
    assert send(bank.sam, address).status_code == 404
    assert send(bank.ana, address).json()["state"] == "withdrawn"
    assert send(bank.ana, address).status_code == 409


def test_a_grant_tells_what_aws_holds_and_since_when_it_is_known(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    at = write_presence(
        grant.intent, Intent.Presence.PRESENT, catalog=bank.catalog, consumer=bank.bi_account, usable=True
    )
    body = read(bank.ana, f"grants/{grant.pk}")
    assert (body["state"], body["presence"], body["usable"]) == ("active", "present", True)
    assert body["observed_at"] == at.isoformat().replace("+00:00", "Z")
    assert body["html_url"].endswith(f"/grants/{grant.pk}/proof/")
    assert read(bank.ana, "grants")["results"] == [
        {name: value for name, value in body.items() if name not in {"other_paths", "stages"}}
    ]
    assert client_of(bank.sam).get(f"/api/v1/grants/{grant.pk}").status_code == 404
    assert read(bank.sam, "grants")["results"] == []


def test_a_revoke_over_http(bank: Bank) -> None:
    address = f"grants/{approve(bank, submit_bank_item(bank)).pk}/revoke"
    before, over = count_rows(), {"comment": "Over."}
    assert send(None, address, over).status_code == 401
    assert send(bank.sam, address, over).status_code == 404
    assert place_of(send(bank.ines, address, {"comment": ""})) == "#/comment"
    assert count_rows() == before
    body = send(bank.ines, address, over).json()
    assert (body["state"], body["end_reason"], body["end_comment"]) == ("ending", "revoked", "Over.")
    assert send(bank.ines, address, over).status_code == 409


def test_a_holder_gives_back(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    body = send(bank.ana, f"grants/{grant.pk}/revoke", {"comment": "Done with it."}).json()
    assert body["end_reason"] == "given_back"
