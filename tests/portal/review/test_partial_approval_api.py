"""Approving less over HTTP: the hash is the one of exactly what is sent, and nothing that is sent is passed over."""

from typing import Any

import pytest
from django.test import Client

from requests_app.access_requests.models import Decision, Item
from requests_app.grants.models import Grant
from requests_app.review.bulk.models import BulkDecision
from tests import factories
from tests.bank import Bank, ask, asked_item
from tests.portal.conftest import signed_in


def post(client: Client, address: str, **body: object) -> tuple[int, Any]:
    answer = client.post(f"/api/{address}", body, content_type="application/json")
    return answer.status_code, answer.json()


def hash_of(client: Client, item: Item, **less: Any) -> str:
    return str(client.get(f"/api/items/{item.pk}/review", less).json()["effects_hash"])


LESS: list[dict[str, Any]] = [
    {"columns": ["amount"]},
    {"row_rule": "claim_id = '1'"},
    {"trial_days": 7},
    {"hours": 4},
    {"ends_at": "SOON"},
]


@pytest.mark.parametrize("less", LESS)
def test_only_the_hash_of_the_same_less_approves_it(bank: Bank, less: dict[str, Any]) -> None:
    item, ines = asked_item(bank), signed_in(bank.ines)
    soon = factories.days_from_now(2).isoformat()
    less = {name: soon if value == "SOON" else value for name, value in less.items()}
    address, whole, part = f"items/{item.pk}/approve", hash_of(ines, item), hash_of(ines, item, **less)
    status, body = post(ines, address, effects_hash=whole, less=less)
    assert (status, body["code"], body["effects_hash"]) == (409, "effects_changed", part)
    status, body = post(ines, address, effects_hash=part)
    assert (status, body["effects_hash"]) == (409, whole)
    assert not Decision.objects.exists()
    assert post(ines, address, effects_hash=part, less=less)[0] == 200
    grant = Grant.objects.get()
    given = (grant.item.columns, grant.item.row_rule, grant.ends_at)
    assert given != (item.columns, item.row_rule, item.ends_at)


@pytest.mark.parametrize(
    "misplaced", [{"columns": ["amount"]}, {"trial_days": 7}, {"less": {"colums": ["amount"]}}]
)
def test_a_restriction_that_nobody_reads_is_refused(bank: Bank, misplaced: dict[str, Any]) -> None:
    item, ines = asked_item(bank), signed_in(bank.ines)
    status, body = post(ines, f"items/{item.pk}/approve", effects_hash=hash_of(ines, item), **misplaced)
    assert (status, body["message"]) == (400, "There is no member of this name here.")
    assert body["field"].split(".")[-1] in {"columns", "trial_days", "colums"}
    assert not Decision.objects.exists()


def test_a_misspelt_restriction_of_a_review_is_refused(bank: Bank) -> None:
    item = asked_item(bank)
    answer = signed_in(bank.ines).get(f"/api/items/{item.pk}/review", {"trial": 7})
    assert (answer.status_code, answer.json()["field"]) == (400, "trial")


def test_a_decision_on_several_takes_no_hash_of_less(bank: Bank) -> None:
    role, ines = factories.make_principal(bank.bi_account, "other"), signed_in(bank.ines)
    items = [asked_item(bank), ask(bank, principal=role, submission_key="other").items.get()]
    rows = [{"item": one.pk, "effects_hash": hash_of(ines, one, trial_days=7)} for one in items]
    said: dict[str, Any] = {"answer": "approve", "key": "k"}
    assert post(ines, "bulk/", **said, items=rows)[0] == 409
    assert post(ines, "bulk/", **said, items=[row | {"columns": ["amount"]} for row in rows])[0] == 400
    assert not BulkDecision.objects.exists()
