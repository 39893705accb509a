"""Whatever goes wrong below /api/v1/, the answer is the API's own JSON, with an id that stands in the log as well."""

import json

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory

from portal.api.problems import TITLES
from portal.errors import views
from tests.bank import Bank
from tests.portal.api.calls import PROBLEM
from tests.portal.conftest import make_client


def handle_error(error: Exception, address: str) -> HttpResponse:
    """As Django calls it: while the error is being handled."""
    try:
        raise error
    except type(error):
        return views.server_error(RequestFactory().get(address))


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(RuntimeError("inside"), 500, "server_error"), (OperationalError("inside"), 503, "unavailable")],
)
def test_a_fault_is_answered_in_json(
    caplog: pytest.LogCaptureFixture, error: Exception, status: int, code: str
) -> None:
    answer = handle_error(error, "/api/v1/grants")
    body = json.loads(answer.content)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert set(body) == PROBLEM
    assert (body["code"], body["status"], body["instance"]) == (code, status, "/api/v1/grants")
    assert body["type"] == f"/api/docs/problems/#{code}"
    assert "inside" not in body["detail"]
    assert len(body["request_id"]) == 16
    assert body["request_id"] in caplog.text


@pytest.mark.parametrize("address", ["/access/", "/apiary/"])
def test_a_page_stays_a_page(address: str) -> None:
    answer = handle_error(RuntimeError("inside"), address)
    assert (answer.status_code, answer["Content-Type"]) == (500, "text/html; charset=utf-8")


def test_an_address_that_is_none_is_answered_in_json(bank: Bank) -> None:
    answer = make_client(bank.ana).get("/api/v1/nothing/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_each_code_has_its_help(bank: Bank) -> None:
    page = make_client(bank.ana).get("/api/docs/problems/").content.decode()
    assert all(f'id="{code}"' in page for code in TITLES)


@pytest.mark.django_db
def test_who_is_not_signed_in_gets_a_problem() -> None:
    answer = Client().get("/api/v1/grants")
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert (answer.json()["title"], answer.json()["errors"]) == ("You are not signed in", [])
