"""What monitoring reads: which background parts are degraded, and whether a web process lives and is ready."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import Verification
from background.health import NOW, Reporter, report_failure, report_success
from background.models import WorkerProcess
from background.task_failures import resolve_failure
from background.task_table import Queue, TaskName
from background.worker_processes import TIMER, record_heartbeat
from tests.database import as_role
from tests.marketplace.production import run_in_production
from tests.portal.health.workers import (
    WORKER,
    fail_task,
    queue_task,
    silence,
    start_beat,
    start_sweep,
    start_worker,
)
from workers.housekeeping import verify_recent_and_slice

pytestmark = pytest.mark.django_db
ANSWERS = """
import json, django
django.setup()
from django.test import Client
paths = ["/healthz", "/healthz/live", "/healthz/ready"]
client = Client(headers={"Host": "data.example"})
print(json.dumps({path: client.get(path).status_code for path in paths}))
"""
EVERY_QUEUE = [f"queue {queue}" for queue in Queue]


@pytest.fixture(autouse=True)
def verified() -> None:
    with as_role(WORKER):
        verify_recent_and_slice()


def list_degraded() -> list[str]:
    answer = Client().get("/healthz")
    assert answer.status_code == 200
    degraded = answer.json()["degraded"]
    assert isinstance(degraded, list)
    return degraded


def test_a_site_without_workers_is_degraded_and_alive() -> None:
    assert list_degraded() == [*EVERY_QUEUE, "dispatch"]


def test_beat_and_workers_are_healthy() -> None:
    start_beat()
    start_worker("engine@here", (Queue.ENGINE,))
    start_worker("others@here", tuple(queue for queue in Queue if queue != Queue.ENGINE))
    assert list_degraded() == []
    silence("engine@here", timedelta(seconds=20))
    assert list_degraded() == ["queue engine"]


def test_a_sweep_alone_is_healthy() -> None:
    start_sweep()
    assert list_degraded() == []
    silence("sweep@here-1", timedelta(seconds=20))
    assert list_degraded() == [*EVERY_QUEUE, "dispatch"]


def test_a_timer_that_sweeps_may_rest_for_an_hour() -> None:
    with as_role(WORKER):
        record_heartbeat(TIMER, WorkerProcess.Kind.SWEEP)
    silence(TIMER, timedelta(minutes=55))
    assert list_degraded() == []
    silence(TIMER, timedelta(minutes=65))
    assert list_degraded() == [*EVERY_QUEUE, "dispatch"]


def test_nobody_who_dispatches_is_degraded() -> None:
    start_beat()
    start_worker()
    silence("beat@here-1", timedelta(seconds=6))
    assert list_degraded() == ["dispatch"]


def test_a_message_that_waits_for_more_than_a_minute_is_degraded() -> None:
    start_beat()
    start_worker()
    queue_task(TaskName.SEND_MAIL, 1, age=timedelta(seconds=50))
    queue_task(TaskName.SEAL, 0, age=timedelta(minutes=3), worker="worker@here")
    assert list_degraded() == []
    queue_task(TaskName.DELIVER_WEBHOOK, 1, age=timedelta(seconds=70))
    assert list_degraded() == ["queue outbox"]


def test_a_failing_task_is_named_until_it_succeeds() -> None:
    start_beat()
    start_worker()
    fail_task(TaskName.READ_TRAIL, 3)
    fail_task(TaskName.READ_TRAIL, 4)
    assert list_degraded() == ["usage.read_trail"]
    with as_role(WORKER):
        resolve_failure(TaskName.READ_TRAIL, 3)
        resolve_failure(TaskName.READ_TRAIL, 4)
    assert list_degraded() == []


def test_loops_and_the_chain_are_named() -> None:
    start_sweep()
    with as_role("meshmarket_web"):
        report_failure(Reporter("bulk decisions", "web", 5.0), KeyError(), "1234", wait=5.0)
    with as_role(WORKER):
        report_success(Reporter("sweep of audit.seal", "sweep", 5.0))
        Verification.objects.update(recent_at=NOW - timedelta(minutes=6))
    assert list_degraded() == ["bulk decisions", "audit chain"]


def test_live_asks_no_database() -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = Client().get("/healthz/live")
    assert (answer.status_code, answer.json(), len(queries)) == (200, {"live": True}, 0)


def test_ready_is_one_query_and_needs_every_migration() -> None:
    with as_role("meshmarket_web"), CaptureQueriesContext(connection) as queries:
        answer = Client().get("/healthz/ready")
    assert (answer.status_code, answer.json()["ready"], len(queries)) == (200, True, 1)
    with as_role("meshmarket_owner"):
        MigrationRecorder.Migration.objects.filter(app="fulfilment").order_by("-pk")[:1].get().delete()
    answer = Client().get("/healthz/ready")
    assert (answer.status_code, answer.json()["unapplied_migrations"]) == (503, 1)


def test_without_a_database_a_process_lives_and_is_not_ready() -> None:
    done = run_in_production(ANSWERS, MESHMARKET_PROXIES="1", MESHMARKET_SSL_REDIRECT="true")
    assert json.loads(done.stdout) == {"/healthz": 503, "/healthz/live": 200, "/healthz/ready": 503}
