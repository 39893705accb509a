"""Approving with changes, changes and comments over HTTP."""

from typing import Any

from requests_app.access_requests.models import Comment, ItemChange
from requests_app.grants.models import Grant
from tests.bank import Bank, submit_bank_item
from tests.portal.api.calls import place_of, read, send
from tests.portal.conftest import make_client


def test_less_is_previewed_and_approved_by_its_own_hash(bank: Bank) -> None:
    item, address = submit_bank_item(bank), "reviews/{}/{}"
    less: dict[str, Any] = {"columns": ["amount"], "trial_duration": "P7D"}
    whole = read(bank.ines, f"reviews/{item.pk}")
    part = send(bank.ines, address.format(item.pk, "preview"), less).json()
    assert whole["effects_hash"] != part["effects_hash"]
    assert part["columns"] == ["amount"]
    decisions = address.format(item.pk, "decisions")
    said = {"outcome": "approve", **less}
    assert send(bank.ines, decisions, said | {"effects_hash": whole["effects_hash"]}).status_code == 409
    said |= {"effects_hash": part["effects_hash"]}
    refused = send(bank.ines, decisions, said)
    assert (refused.status_code, place_of(refused), Grant.objects.exists()) == (422, "#/comment", False)
    done = send(bank.ines, decisions, said | {"comment": "The amount is enough."})
    assert (done.status_code, done.json()["grant"]["columns"]) == (201, ["amount"])
    assert done.json()["request_item"]["decisions"][0]["trial_duration"] == "P7D"
    assert Grant.objects.get().item.decisions.get().trial_days == 7


def test_more_than_was_requested_is_refused_at_its_member(bank: Bank) -> None:
    item = submit_bank_item(bank)
    answer = send(bank.ines, f"reviews/{item.pk}/preview", {"columns": ["iban"]})
    assert (answer.status_code, place_of(answer)) == (422, "#/columns")


def test_it_goes_back_and_is_resubmitted(bank: Bank) -> None:
    item = submit_bank_item(bank)
    said = {"outcome": "request_changes", "comment": "Is the amount needed?"}
    for _time in range(2):
        answer = send(bank.ines, f"reviews/{item.pk}/decisions", said, key="k")
        assert answer.status_code == 201
        assert answer.json()["request_item"]["state_reason"] == "changes_requested"
        assert (answer.json()["request_item"]["next"], answer.json()["grant"]) == ("requester", None)
    change = {"columns": ["claim_id"], "expires_at": item.ends_at.isoformat()}
    answer = send(bank.ana, f"request-items/{item.pk}/resubmit", change)
    assert (answer.status_code, answer.json()["columns"]) == (200, ["claim_id"])
    assert answer.json()["state"] == "waiting_for_review"
    assert ItemChange.objects.get().after["columns"] == ["claim_id"]
    answer = send(bank.ana, f"request-items/{item.pk}/resubmit", change)
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_state")


def test_comments_are_read_by_both_sides_and_said_once(bank: Bank) -> None:
    item = submit_bank_item(bank)
    address = f"request-items/{item.pk}/comments"
    for _time in range(2):
        answer = send(bank.ana, address, {"comment": "For the board."}, key="k")
        assert (answer.status_code, answer.json()["author"]["name"]) == (201, "Ana Keller")
    assert Comment.objects.count() == 1
    shown = read(bank.ines, address)["results"]
    assert [(one["kind"], one["text"]) for one in shown] == [("comment", "For the board.")]
    assert make_client(bank.sam).get(f"/api/v1/{address}").status_code == 404
