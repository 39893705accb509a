"""Prometheus reads /metrics with a token; nobody else can tell that it is there."""

import pytest
from django.conf import settings
from django.test import Client

from tests.marketplace.metrics.scrapes import TOKEN, read_samples, scrape

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "METRICS_TOKEN", TOKEN)


def test_without_a_token_set_there_is_no_such_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "METRICS_TOKEN", "")
    assert scrape().status_code == 404
    assert scrape("Bearer ").status_code == 404


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN} x"]
)
def test_without_the_token_nothing_is_shown(given: str) -> None:
    answer = scrape(given)
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_the_answer_is_never_cached() -> None:
    answer = scrape()
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_a_request_is_counted_by_view_method_and_status() -> None:
    before = read_samples()
    Client().get("/healthz")
    Client().post("/healthz")
    Client().get("/no/such/page")
    after = read_samples()

    def count_new(view: str, method: str, status: str) -> float:
        sample = ("meshmarket_http_requests_total", method, status, view)
        return after[sample] - before.get(sample, 0)

    assert count_new("healthz", "GET", "2xx") == 1
    assert count_new("healthz", "POST", "4xx") == 1
    assert count_new("none", "GET", "4xx") == 1
    seconds = ("meshmarket_http_request_seconds_count", "GET", "healthz")
    assert after[seconds] - before.get(seconds, 0) == 1


def test_the_database_is_read() -> None:
    found = read_samples()
    assert found["meshmarket_unproven_intents",] == 0
    assert found["meshmarket_database_up",] == 1
