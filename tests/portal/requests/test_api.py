"""Less, changes and remarks over HTTP."""

from typing import Any

from django.test import Client

from requests_app.access_requests.models import Change, Remark
from requests_app.grants.models import Grant
from tests.bank import Bank, asked_item
from tests.portal.conftest import signed_in


def post(client: Client, address: str, **body: object) -> tuple[int, Any]:
    answer = client.post(f"/api/{address}", body, content_type="application/json")
    return (answer.status_code, answer.json())


def test_less_is_reviewed_and_approved_by_its_own_hash(bank: Bank) -> None:
    item, ines = asked_item(bank), signed_in(bank.ines)
    address = f"/api/items/{item.pk}/review"
    less: dict[str, Any] = {"columns": ["amount"], "trial_days": 7}
    whole, part = (ines.get(address).json(), ines.get(address, less).json())
    assert whole["effects_hash"] != part["effects_hash"]
    assert part["item"]["columns"] == ["amount"]
    status, _body = post(ines, f"items/{item.pk}/approve", effects_hash=whole["effects_hash"], less=less)
    assert status == 409
    status, grant = post(ines, f"items/{item.pk}/approve", effects_hash=part["effects_hash"], less=less)
    assert (status, grant["columns"]) == (200, ["amount"])
    assert Grant.objects.get().item.decisions.get().trial_days == 7


def test_more_than_was_asked_is_refused_at_its_field(bank: Bank) -> None:
    item = asked_item(bank)
    answer = signed_in(bank.ines).get(f"/api/items/{item.pk}/review", {"columns": ["iban"]})
    assert (answer.status_code, answer.json()["field"]) == (400, "columns")


def test_it_goes_back_and_returns_changed(bank: Bank) -> None:
    item, ana, ines = asked_item(bank), signed_in(bank.ana), signed_in(bank.ines)
    words = {"comment": "Is the amount needed?", "key": "k"}
    for _time in range(2):
        status, body = post(ines, f"items/{item.pk}/return", **words)
        assert (status, body["state"]) == (200, "returned")
    change = {"columns": ["claim_id"], "ends_at": item.ends_at.isoformat()}
    status, body = post(ana, f"items/{item.pk}/change", **change)
    assert (status, body["state"], body["columns"]) == (200, "submitted", ["claim_id"])
    assert Change.objects.get().after["columns"] == ["claim_id"]
    status, body = post(ana, f"items/{item.pk}/change", **change)
    assert (status, body["code"]) == (409, "illegal_move")


def test_remarks_are_read_by_both_sides_and_said_once(bank: Bank) -> None:
    item, ana = asked_item(bank), signed_in(bank.ana)
    for _time in range(2):
        status, body = post(ana, f"items/{item.pk}/remarks", comment="For the board.", key="k")
        assert (status, body["author"]["name"]) == (201, "Ana Keller")
    assert Remark.objects.count() == 1
    shown = signed_in(bank.ines).get(f"/api/items/{item.pk}/remarks").json()
    assert [(one["kind"], one["text"]) for one in shown] == [("comment", "For the board.")]
    assert signed_in(bank.sam).get(f"/api/items/{item.pk}/remarks").status_code == 404
