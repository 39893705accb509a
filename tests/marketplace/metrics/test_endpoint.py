"""Prometheus reads /metrics with a token; nobody else can tell that it is there."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from background.health import NOW
from background.models import DispatchLease, QueuedTask, TaskCount, TaskFailure, WorkerProcess
from background.task_table import Queue, TaskName
from fulfilment.health import CallTotal, RoundTotal
from fulfilment.observations.storage import CatalogFacts, get_data_catalog
from lakeformation.observation.reading import UnknownRow
from tests.bank import make_bank
from tests.database import as_role
from tests.engine_readings import store_catalog_reading
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


def test_calls_and_rounds_are_read_from_the_database() -> None:
    with as_role("meshmarket_worker"):
        CallTotal.objects.create(
            account_id="111122223333", operation="GetTables", outcome="throttled", calls=7
        )
        RoundTotal.objects.create(kind="share", outcome="sent", rounds=3, seconds=1.5)
    found = read_samples()
    assert found["meshmarket_aws_calls_total", "111122223333", "GetTables", "throttled"] == 7
    assert found["meshmarket_rounds_total", "share", "sent"] == 3
    assert found["meshmarket_round_seconds_total", "share", "sent"] == 1.5
    assert found["meshmarket_database_up",] == 1


def test_rows_that_cannot_be_judged_are_counted_by_kind_of_scope() -> None:
    bank = make_bank()
    row = UnknownRow(get_data_catalog(bank.catalog), "", "AnyResource", ("SELECT",))
    store_catalog_reading(
        bank.catalog, CatalogFacts(unknown_rows=frozenset({row, replace(row, resource="TABLE")}))
    )
    assert read_samples()["meshmarket_unknown_rows", "catalog"] == 2


def test_queues_workers_and_tasks_are_read_from_the_database() -> None:
    early, late = NOW - timedelta(seconds=30), NOW - timedelta(seconds=60)
    with as_role("meshmarket_worker"):
        QueuedTask.objects.create(task=TaskName.SEND_MAIL, row_id=1, queue=Queue.OUTBOX, queued_at=early)
        QueuedTask.objects.create(
            task=TaskName.SEND_MAIL, row_id=2, queue=Queue.OUTBOX, queued_at=late, taken_at=NOW
        )
        WorkerProcess.objects.create(name="one", kind="worker", host="a", started_at=late, seen_at=NOW)
        WorkerProcess.objects.create(name="gone", kind="worker", host="a", started_at=late, seen_at=late)
        TaskCount.objects.create(task=TaskName.SEND_MAIL, outcome="failed", count=4, seconds=2.5)
        TaskFailure.objects.create(
            task=TaskName.SEAL, row_id=0, failures=1, failing_since=late, failed_at=late, retry_at=NOW
        )
        DispatchLease.objects.create(pk=1, owner="one", is_beat=True, lease_until=NOW + timedelta(seconds=5))
    found = read_samples()
    assert found["meshmarket_queue_length", "outbox"] == 1
    assert found["meshmarket_queue_length", "engine"] == 0
    assert 30 <= found["meshmarket_queue_lag_seconds", "outbox"] < 60
    assert found["meshmarket_workers", "worker"] == 1
    assert found["meshmarket_workers", "sweep"] == 0
    assert found["meshmarket_tasks_total", "failed", "outbox.send_mail"] == 4
    assert found["meshmarket_failing_tasks", "audit.seal"] == 1
    assert found["meshmarket_failing_tasks", "outbox.send_mail"] == 0
    assert found["meshmarket_dispatcher_alive",] == 1


def test_a_sweep_alone_dispatches() -> None:
    assert read_samples()["meshmarket_dispatcher_alive",] == 0
    with as_role("meshmarket_worker"):
        WorkerProcess.objects.create(name="sweep", kind="sweep", host="a", started_at=NOW, seen_at=NOW)
    assert read_samples()["meshmarket_dispatcher_alive",] == 1
