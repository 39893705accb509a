"""Approving with changes over HTTP: the hash is of exactly what is sent, and nothing that is sent is passed over."""

from typing import Any

import pytest

from requests_app.access_requests.models import Decision, RequestItem
from requests_app.grants.models import Grant
from requests_app.review.bulk.models import BulkDecision
from tests import factories
from tests.bank import Bank, submit_bank_item, submit_bank_request
from tests.portal.api.calls import place_of, send


def get_hash(bank: Bank, item: RequestItem, **less: Any) -> str:
    return str(send(bank.ines, f"reviews/{item.pk}/preview", less).json()["effects_hash"])


NARROWED_BODIES: list[dict[str, Any]] = [
    {"columns": ["amount"]},
    {"row_filter": "claim_id = '1'"},
    {"trial_duration": "P7D"},
    {"duration": "PT4H"},
    {"expires_at": "SOON"},
]


@pytest.mark.parametrize("less", NARROWED_BODIES)
def test_only_the_hash_of_the_same_changes_approves_it(bank: Bank, less: dict[str, Any]) -> None:
    item = submit_bank_item(bank)
    soon = factories.days_from_now(2).isoformat()
    less = {name: soon if value == "SOON" else value for name, value in less.items()}
    address, whole, part = f"reviews/{item.pk}/decisions", get_hash(bank, item), get_hash(bank, item, **less)
    body = {"outcome": "approve", "comment": "Less is enough.", **less}
    answer = send(bank.ines, address, body | {"effects_hash": whole})
    assert (answer.status_code, answer.json()["effects_hash"]) == (409, part)
    answer = send(bank.ines, address, {"outcome": "approve", "effects_hash": part})
    assert (answer.status_code, answer.json()["effects_hash"]) == (409, whole)
    assert not Decision.objects.exists()
    assert send(bank.ines, address, body | {"effects_hash": part}).status_code == 201
    grant = Grant.objects.get()
    given = (grant.item.columns, grant.item.row_filter, grant.ends_at)
    assert given != (item.columns, item.row_filter, item.ends_at)


@pytest.mark.parametrize("misspelt", [{"colums": ["amount"]}, {"trial": "P7D"}, {"narrowed": {}}])
def test_a_restriction_that_nobody_reads_is_refused(bank: Bank, misspelt: dict[str, Any]) -> None:
    item = submit_bank_item(bank)
    body = {"outcome": "approve", "effects_hash": get_hash(bank, item), **misspelt}
    for address in (f"reviews/{item.pk}/decisions", f"reviews/{item.pk}/preview"):
        answer = send(bank.ines, address, body if "decisions" in address else misspelt)
        assert (answer.status_code, place_of(answer)) == (400, f"#/{next(iter(misspelt))}")
        assert answer.json()["errors"][0]["code"] == "unknown_member"
    assert not Decision.objects.exists()


@pytest.mark.parametrize("said", ["P7", "7", "PT30M", "P0D", "P4000D", 7, None])
def test_a_trial_is_of_whole_days(bank: Bank, said: Any) -> None:
    answer = send(bank.ines, f"reviews/{submit_bank_item(bank).pk}/preview", {"trial_duration": said})
    assert (answer.status_code, place_of(answer)) == (400, "#/trial_duration")


def test_only_an_approval_takes_changes(bank: Bank) -> None:
    body = {"outcome": "reject", "comment": "No.", "columns": ["amount"]}
    answer = send(bank.ines, f"reviews/{submit_bank_item(bank).pk}/decisions", body)
    assert (answer.status_code, place_of(answer)) == (400, "#/columns")


def test_a_bulk_decision_takes_no_hash_of_less(bank: Bank) -> None:
    role = factories.make_principal(bank.bi_account, "other")
    items = [
        submit_bank_item(bank),
        submit_bank_request(bank, principal=role, idempotency_key="other").items.get(),
    ]
    rows = [{"item": str(one.pk), "effects_hash": get_hash(bank, one, trial_duration="P7D")} for one in items]
    said: dict[str, Any] = {"outcome": "approve"}
    assert send(bank.ines, "bulk-decisions", {**said, "items": rows}).status_code == 409
    wrong = [row | {"columns": ["amount"]} for row in rows]
    assert send(bank.ines, "bulk-decisions", {**said, "items": wrong}).status_code == 400
    assert not BulkDecision.objects.exists()
