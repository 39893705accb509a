"""Purpose, comment and reason are as long by the pages as by the API, and more is refused in the same words."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from requests_app.access_requests.models import AccessRequest, Decision, RequestItem
from requests_app.grants.models import Grant
from requests_app.review.terms import compute_item_approval_hash
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.portal.api.calls import draft, place_of, send, table_item
from tests.portal.conftest import make_client

LIMIT_TEXT = "Use at most 2,000 characters."
LONGEST, TOO_LONG = "x\r\n" * 1000, "x" * 2001


def post_page(client: Client, address: str, typed: dict[str, Any]) -> str:
    return client.post(address, typed).content.decode()


def post_api(client: Client, address: str, body: dict[str, Any]) -> tuple[int, str, str]:
    answer = send(client, address, body)
    return answer.status_code, answer.json()["detail"], place_of(answer)


def test_a_purpose(bank: Bank) -> None:
    ana, day = make_client(bank.ana), factories.days_from_now(30)
    address = f"{reverse('access-request-new')}?table={bank.claims.pk}"
    typed = {
        "purpose": TOO_LONG, "ends_on": f"{day:%Y-%m-%d}", "principal": bank.role.pk, "columns": ["amount"],
        "idempotency_key": "one",
    }  # fmt: skip
    assert LIMIT_TEXT in post_page(ana, address, typed)
    assert post_api(ana, "access-requests", draft(bank, purpose=TOO_LONG)) == (400, LIMIT_TEXT, "#/purpose")
    assert not AccessRequest.objects.exists()
    post_page(ana, address, typed | {"purpose": LONGEST})
    assert AccessRequest.objects.count() == 1


@pytest.mark.parametrize("answer", ["approve", "reject"])
def test_a_comment(bank: Bank, answer: str) -> None:
    ines, item = make_client(bank.ines), submit_bank_item(bank)
    shown = {"effects_hash": compute_item_approval_hash(item)}
    words = {"comment": TOO_LONG, **(shown if answer == "approve" else {})}
    assert LIMIT_TEXT in post_page(
        ines, reverse("review", args=[item.pk]), words | shown | {"answer": answer}
    )
    address = f"reviews/{item.pk}/decisions"
    assert post_api(ines, address, words | {"outcome": answer}) == (400, LIMIT_TEXT, "#/comment")
    assert not Decision.objects.exists()
    assert RequestItem.objects.get().state == "submitted"


def test_a_reason(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    ines = make_client(bank.ines)
    assert LIMIT_TEXT in post_page(ines, reverse("grant-revoke", args=[grant.pk]), {"reason": TOO_LONG})
    assert post_api(ines, f"grants/{grant.pk}/revoke", {"comment": TOO_LONG}) == (
        400,
        LIMIT_TEXT,
        "#/comment",
    )
    assert Grant.objects.get().state == "live"


def test_the_fields_of_pages_stop_at_the_same_length(bank: Bank) -> None:
    item = submit_bank_item(bank)
    ask = (
        make_client(bank.ana).get(f"{reverse('access-request-new')}?table={bank.claims.pk}").content.decode()
    )
    review = make_client(bank.ines).get(reverse("review", args=[item.pk])).content.decode()
    assert 'maxlength="2000"' in ask
    assert 'maxlength="2000"' in review


def test_of_columns_that_are_not_there_ten_are_named_at_most(bank: Bank) -> None:
    names = [f"gone_{number:02}" for number in range(500)]
    body = draft(bank, items=[table_item(bank.claims, *names)])
    _status, message, place = post_api(make_client(bank.ana), "access-requests", body)
    assert (message.count("gone_"), place) == (9, "#/items")
    assert "gone_08 and 491 more." in message
