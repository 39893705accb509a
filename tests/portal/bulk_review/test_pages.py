"""Deciding on several: the choice in the inbox, the look at all, the countdown, the undoing; and over HTTP."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kernel import clock
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.review.bulk.execution import execute_due
from requests_app.review.bulk.models import BulkDecision
from requests_app.review.bulk.queries import BulkSelection, build_candidate
from requests_app.review.bulk.similarity import may_decide_together
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_request
from tests.portal.api.calls import read, send
from tests.portal.conftest import make_client

BULK_REVIEW_ADDRESS = "/reviews/bulk/"


@pytest.fixture
def items(bank: Bank) -> list[RequestItem]:
    roles = [factories.make_principal(bank.bi_account, f"role-{number}") for number in range(2)]
    return [
        submit_bank_request(bank, principal=role, idempotency_key=role.name).items.get() for role in roles
    ]


def read_shown_form(client: Client, items: list[RequestItem]) -> dict[str, Any]:
    page = client.get(BULK_REVIEW_ADDRESS, {"item": [item.pk for item in items]})
    rows = page.context["rows"]
    said = {"item": [row.item.pk for row in rows], "effects_hash": [row.effects_hash for row in rows]}
    return said | {"idempotency_key": "k", "comment": "Fine.", "answer": "approve"}


def test_several_are_chosen_decided_and_followed(bank: Bank, items: list[RequestItem]) -> None:
    ines = make_client(bank.ines)
    assert ines.get("/reviews/").content.decode().count("data-row-checkbox") == 2
    answer = ines.post(BULK_REVIEW_ADDRESS, read_shown_form(ines, items))
    bulk = BulkDecision.objects.get()
    assert answer["Location"] == reverse("bulk-decision", args=[bulk.pk])
    page = ines.get(answer["Location"]).content.decode()
    assert "Due in 10 seconds" in page or "Due in 9 seconds" in page
    assert answer["Location"] in ines.get("/reviews/").content.decode()
    execute_due(bulk.due_at)
    assert ">Done<" in ines.get(answer["Location"]).content.decode()
    assert Decision.objects.count() == 2


def test_it_is_undone_from_the_page(bank: Bank, items: list[RequestItem]) -> None:
    ines = make_client(bank.ines)
    ines.post(BULK_REVIEW_ADDRESS, read_shown_form(ines, items))
    bulk = BulkDecision.objects.get()
    undo = reverse("bulk-decision-cancel", args=[bulk.pk])
    for other in (bank.ivo, bank.ana):
        assert make_client(other).post(undo).status_code == 404
        assert make_client(other).get(reverse("bulk-decision", args=[bulk.pk])).status_code == 404
    ines.post(undo)
    execute_due(clock.now() + timedelta(minutes=1))
    assert "Nothing was decided." in ines.get(reverse("bulk-decision", args=[bulk.pk])).content.decode()
    assert not Decision.objects.exists()


def test_an_item_that_was_left_as_it_is_says_why(bank: Bank, items: list[RequestItem]) -> None:
    ines = make_client(bank.ines)
    ines.post(BULK_REVIEW_ADDRESS, read_shown_form(ines, items))
    approve(bank, items[0], by=bank.ivo)
    execute_due(clock.now() + timedelta(minutes=1))
    address = reverse("bulk-decision", args=[BulkDecision.objects.get().pk])
    assert "It was decided or withdrawn in the meantime." in ines.get(address).content.decode()


@pytest.fixture
def sensitive_item(bank: Bank) -> RequestItem:
    asked = RequestedItem(bank.claims.pk, ("iban",), whole_table=False, product_id=None)
    return submit_bank_request(bank, items=[asked], idempotency_key="other").items.get()


def test_different_items_are_shown_in_groups_that_say_what_keeps_them_apart(
    bank: Bank, items: list[RequestItem], sensitive_item: RequestItem
) -> None:
    page = make_client(bank.ines).get(
        BULK_REVIEW_ADDRESS, {"item": [sensitive_item.pk, items[0].pk, items[1].pk]}
    )
    groups = page.context["groups"]
    assert [[row.item.pk for row in one.group.candidates] for one in groups] == [
        [items[0].pk, items[1].pk],
        [sensitive_item.pk],
    ]
    said = "Highest classification: sensitive. In the first group: public."
    assert (groups[0].differences, groups[1].differences) == ((), (said,))
    assert said in page.content.decode()


def test_requests_that_differ_only_in_calls_to_aws_are_decided_together(
    bank: Bank, items: list[RequestItem]
) -> None:
    first = replace(build_candidate(items[0]), steps=("GrantPermissions",))
    second = replace(build_candidate(items[1]), steps=("CreateDatabase", "GrantPermissions"))
    selection = BulkSelection((first, second), may_decide_together([first.similarity, second.similarity]))
    (group,) = selection.build_groups()
    assert (bool(group.verdict), group.has_different_steps) == (True, True)


def test_without_a_selection_the_page_of_the_inbox_is_grouped(
    bank: Bank, items: list[RequestItem], sensitive_item: RequestItem
) -> None:
    ines = make_client(bank.ines)
    assert BULK_REVIEW_ADDRESS in ines.get("/reviews/").content.decode()
    assert [len(one.group.candidates) for one in ines.get(BULK_REVIEW_ADDRESS).context["groups"]] == [2, 1]
    narrowed = ines.get(BULK_REVIEW_ADDRESS, {"classification": "sensitive"}).context["groups"]
    assert [row.item for one in narrowed for row in one.group.candidates] == [sensitive_item]


def test_a_decision_on_one_group_leads_to_the_others(
    bank: Bank, items: list[RequestItem], sensitive_item: RequestItem
) -> None:
    ines = make_client(bank.ines)
    said = read_shown_form(ines, items) | {"remaining": [sensitive_item.pk]}
    result = ines.get(ines.post(BULK_REVIEW_ADDRESS, said)["Location"]).content.decode()
    assert f'href="{BULK_REVIEW_ADDRESS}?item={sensitive_item.pk}"' in result
    assert BulkDecision.objects.get().lines.count() == 2


def test_what_is_decided_or_not_ones_own_is_left_out(bank: Bank, items: list[RequestItem]) -> None:
    approve(bank, items[0], by=bank.ivo)
    page = make_client(bank.ines).get(
        BULK_REVIEW_ADDRESS, {"item": [str(items[0].pk), str(items[1].pk), "x", "999"]}
    )
    assert [row.item.pk for row in page.context["rows"]] == [items[1].pk]
    assert not make_client(bank.sam).get(BULK_REVIEW_ADDRESS, {"item": [items[1].pk]}).context["rows"]


def test_hashes_of_something_else_decide_nothing(bank: Bank, items: list[RequestItem]) -> None:
    ines = make_client(bank.ines)
    said = read_shown_form(ines, items) | {"effects_hash": ["0", "0"]}
    answer = ines.post(BULK_REVIEW_ADDRESS, said)
    assert answer.status_code == 422
    assert "One of them changed after you opened it." in answer.content.decode()
    assert "Fine." in answer.content.decode()
    assert not BulkDecision.objects.exists()


def test_over_http_it_is_one_however_often_it_is_sent(bank: Bank, items: list[RequestItem]) -> None:
    rows = [
        {"item": str(one.pk), "effects_hash": read(bank.ines, f"reviews/{one.pk}")["effects_hash"]}
        for one in items
    ]
    said = {"outcome": "approve", "items": rows}
    first, second = (send(bank.ines, "bulk-decisions", said, idempotency_key="k") for _time in range(2))
    assert (first.status_code, first.json()) == (202, second.json())
    address = first["Location"].partition("/api/v1/")[2]
    found = read(bank.ines, address)
    assert (found["state"], [one["result"] for one in found["results"]]) == ("applying", ["waiting"] * 2)
    assert send(bank.ines, f"{address}/cancel").json()["state_reason"] == "cancelled"
    assert make_client(bank.ivo).get(f"/api/v1/{address}").status_code == 404
    mixed = said | {"items": [rows[0], {"item": rows[1]["item"], "effects_hash": "0"}]}
    assert send(bank.ines, "bulk-decisions", mixed).status_code == 409
