"""What the API says to inputs that it cannot take, and how it reads days."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from requests_app.access_requests.models import AccessRequest
from tests.bank import Bank, submit_bank_item
from tests.portal.api.calls import draft, place_of, send
from tests.portal.conftest import make_client


@pytest.fixture
def ana(bank: Bank) -> Client:
    return make_client(bank.ana)


@pytest.mark.parametrize(
    ("address", "parameter", "words"),
    [
        (
            "holds?next=4",
            "next",
            "There is no parameter of this name. This address takes cursor, fields, format, grant, limit.",
        ),
        ("grants?cursor=abc", "cursor", "This is not a cursor of this list."),
        ("search?cursor=abc", "cursor", "This is not a cursor of a search."),
        ("tables/1?q=a", "q", "There is no parameter of this name."),
        ("grants?table=x", "table", "A valid integer is required."),
    ],
)
def test_a_parameter_that_means_nothing_is_named(
    ana: Client, address: str, parameter: str, words: str
) -> None:
    answer = ana.get(f"/api/v1/{address}")
    assert (answer.status_code, place_of(answer)) == (400, parameter)
    assert words in answer.json()["detail"]


def test_columns_as_one_text_with_commas_are_explained(bank: Bank) -> None:
    item = submit_bank_item(bank)
    answer = send(bank.ines, f"reviews/{item.pk}/preview", {"columns": ["claim_id,amount"]})
    assert (answer.status_code, answer.json()["detail"]) == (
        422,
        "insurance_gold.claims has no column claim_id,amount. Name each column separately, not as a list with commas.",
    )


def test_a_date_means_the_end_of_that_day(ana: Client, bank: Bank) -> None:
    day = timezone.localdate() + timedelta(days=20)
    assert send(ana, "access-requests", draft(bank, expires_at=f"{day}")).status_code == 201
    end = timezone.localtime(AccessRequest.objects.get().ends_at)
    assert (end.date(), end.hour, end.minute, end.second) == (day, 23, 59, 59)


@pytest.mark.parametrize("said", ["2027-02-30", "2027-1-1", "tomorrow"])
def test_a_day_that_is_none_is_refused(ana: Client, bank: Bank, said: str) -> None:
    answer = send(ana, "access-requests", draft(bank, expires_at=said))
    assert (answer.status_code, place_of(answer)) == (400, "#/expires_at")


@pytest.mark.parametrize("said", [7, "", "x", "-1", "9" * 30, {"id": "1", "colour": "red"}, None, ["1"]])
def test_an_id_that_is_none_is_refused(ana: Client, bank: Bank, said: Any) -> None:
    items = [{"target": {"kind": "table", "table": said}, "columns": ["amount"]}]
    answer = send(ana, "access-requests", draft(bank, items=items))
    assert (answer.status_code, place_of(answer)) == (400, "#/items/0/target/table")
