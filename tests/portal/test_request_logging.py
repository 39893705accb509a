"""Each request has an id: its response returns it, its problems quote it, its log lines carry it."""

import logging
import re

import pytest
from django.conf import settings
from django.test import Client

from background.log_context import get_log_context
from marketplace.structured_logging import LogContextFilter
from tests.bank import Bank
from tests.portal.conftest import make_client

GENERATED = re.compile(r"[0-9a-f]{16}")


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    monkeypatch.setattr(settings, "LOG_FORMAT", "json")
    caplog.handler.addFilter(LogContextFilter())
    caplog.set_level(logging.INFO, logger="marketplace.middleware")
    return caplog


def read_ids(caplog: pytest.LogCaptureFixture) -> dict[str, object]:
    (record,) = [one for one in caplog.records if one.name == "marketplace.middleware"]
    ids: dict[str, object] = record.__dict__["ids"]
    return ids


def test_the_response_returns_the_id_that_the_caller_gave() -> None:
    answer = Client().get("/no/such/page", headers={"X-Request-ID": "balancer-7f.3_A"})
    assert answer["X-Request-ID"] == "balancer-7f.3_A"
    assert b"balancer-7f.3_A" in answer.content
    assert get_log_context() == {}


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "<script>", "line\nbreak", "ä"])
def test_an_id_that_is_not_well_formed_is_replaced(given: str) -> None:
    answer = Client().get("/no/such/page", headers={"X-Request-ID": given})
    assert GENERATED.fullmatch(answer["X-Request-ID"])


def test_a_problem_of_the_api_quotes_the_id() -> None:
    answer = Client().get("/api/v1/no-such-thing", headers={"X-Request-ID": "call-1"})
    assert answer.json()["request_id"] == "call-1"


def test_a_request_is_one_event_with_its_person(bank: Bank, records: pytest.LogCaptureFixture) -> None:
    make_client(bank.ana).get("/access-requests/?q=salaries", headers={"X-Request-ID": "click-1"})
    found = read_ids(records)
    assert found.pop("milliseconds") != ""
    assert found == {"request_id": "click-1", "person": bank.ana.pk, "method": "GET", "path": "/access-requests/", "view": "access-requests", "status": 200}  # fmt: skip
    assert "salaries" not in records.text


def test_a_call_of_the_api_is_one_event_with_its_person(
    bank: Bank, records: pytest.LogCaptureFixture
) -> None:
    make_client(bank.ana).get("/api/v1/access-requests")
    assert read_ids(records)["person"] == bank.ana.pk


@pytest.mark.django_db
def test_a_request_of_nobody_has_no_person(records: pytest.LogCaptureFixture) -> None:
    Client().get("/healthz")
    assert "person" not in read_ids(records)


@pytest.mark.django_db
def test_what_django_logs_of_a_refused_request_has_its_id(records: pytest.LogCaptureFixture) -> None:
    Client().get("/no/such/page", headers={"X-Request-ID": "click-2"})
    ids = [record.__dict__["ids"]["request_id"] for record in records.records]
    assert len(ids) == 3
    assert set(ids) == {"click-2"}
