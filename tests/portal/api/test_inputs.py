"""What the API says to inputs that it cannot take, and how it reads days."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from requests_app.access_requests.models import AccessRequest
from tests.bank import Bank, asked_item
from tests.portal.conftest import signed_in


@pytest.fixture
def ana(bank: Bank) -> Client:
    return signed_in(bank.ana)


@pytest.mark.parametrize(
    ("address", "field", "words"),
    [
        (
            "grants?next=4",
            "next",
            "There is no parameter of this name. This address takes before, limit, whose.",
        ),
        ("grants?before=abc", "before", "Send the number that `next` held on the page before."),
        ("search?cursor=abc", "cursor", "This is not a cursor of a search."),
        ("inbox?befor=3", "befor", "This address takes after, limit."),
    ],
)
def test_a_parameter_that_means_nothing_is_named(ana: Client, address: str, field: str, words: str) -> None:
    answer = ana.get(f"/api/v1/{address}")
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert words in answer.json()["detail"]


def test_columns_as_one_text_with_commas_are_explained(bank: Bank) -> None:
    item = asked_item(bank)
    answer = signed_in(bank.ines).get(f"/api/v1/items/{item.pk}/review?columns=claim_id,amount")
    assert (answer.status_code, answer.json()["detail"]) == (
        400,
        "insurance_gold.claims has no column claim_id,amount. Name each column separately, not as a list with commas.",
    )


def test_a_date_means_the_end_of_that_day(ana: Client, bank: Bank) -> None:
    day = timezone.localdate() + timedelta(days=20)
    items = [{"table": bank.claims.pk, "columns": ["claim_id"]}]
    body = {
        "principal": bank.role.arn, "purpose": "Quarterly reserve report", "ends_at": f"{day}", "items": items,
        "submission_key": "one",
    }  # fmt: skip
    assert ana.post("/api/v1/requests", body, "application/json").status_code == 201
    end = timezone.localtime(AccessRequest.objects.get().ends_at)
    assert (end.date(), end.hour, end.minute, end.second) == (day, 23, 59, 59)


@pytest.mark.parametrize("said", ["2027-02-30", "2027-1-1", "tomorrow"])
def test_a_day_that_is_none_is_refused(ana: Client, said: str) -> None:
    answer = ana.post(
        "/api/v1/requests",
        {"ends_at": said, "principal": "x", "purpose": "x", "items": []},
        "application/json",
    )
    assert (answer.status_code, answer.json()["field"]) == (400, "ends_at")
