"""The work is done by real Celery workers, whatever is killed or emptied meanwhile."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from audit.models import Pending
from background.broker import VISIBILITY_TIMEOUT_SECONDS
from background.models import QueuedTask, TaskCount, TaskFailure, WorkerProcess
from background.task_table import DISPATCH_TASK, TASKS, Queue, TaskName
from demo.embedded.child_process import wait_until
from demo.embedded.mail_catcher import list_caught_mails, make_mail_server
from demo.embedded.ports import find_free_port
from fulfilment.intents.models import Intent
from fulfilment.rounds import Scope, Step
from kernel import clock
from marketplace.celery import app
from requests_app.grants.models import Grant
from requests_app.notifications.models import NotificationMail
from requests_app.review.actions import reject_item
from tests.bank import make_bank, submit_bank_item
from tests.database import TestDatabase, as_role
from tests.workers.celery_processes import CeleryProcesses, celery_processes
from tests.workers.mesh import Mesh
from workers.tasks import ROW_TASKS

TIMEOUT_SECONDS = 30.0


@pytest.fixture
def celery() -> Iterator[CeleryProcesses]:
    with celery_processes() as processes:
        yield processes


def is_present(mesh: Mesh, grant: Grant) -> bool:
    return mesh.get_intent(grant).presence == Intent.Presence.PRESENT


def wait_until_present(mesh: Mesh, grant: Grant, celery: CeleryProcesses) -> float:
    """Seconds that it took."""
    began = time.monotonic()
    assert wait_until(lambda: is_present(mesh, grant), TIMEOUT_SECONDS), celery.read_log("one")
    return time.monotonic() - began


def test_every_task_of_the_table_is_registered_with_its_queue_and_limits() -> None:
    assert set(ROW_TASKS) == set(TASKS)
    for name, definition in TASKS.items():
        task = app.tasks[name]
        assert (task.acks_late, task.reject_on_worker_lost) == (True, True)
        assert (task.soft_time_limit, task.time_limit) == (definition.soft_limit, definition.hard_limit)
        assert task.run.__doc__
        assert app.amqp.router.route({}, name)["queue"].name == definition.queue
        assert definition.hard_limit < VISIBILITY_TIMEOUT_SECONDS
    assert app.amqp.router.route({}, DISPATCH_TASK)["queue"].name == Queue.ENGINE


def test_a_decision_is_applied_by_workers_and_beat(mesh: Mesh, celery: CeleryProcesses) -> None:
    celery.start_worker("one", pool="prefork", queues="engine", concurrency=2)
    celery.start_worker("two", pool="threads", queues="sync,outbox,audit,default", concurrency=2)
    celery.start_beat()
    grant = mesh.grant()

    wait_until_present(mesh, grant, celery)
    assert wait_until(lambda: not Pending.objects.exists(), TIMEOUT_SECONDS), celery.read_log("two")

    assert "SELECT" in mesh.list_held_columns()
    assert celery.stop("one") == celery.stop("two") == 0
    assert not WorkerProcess.objects.filter(kind=WorkerProcess.Kind.WORKER).exists()
    done = TaskCount.objects.filter(outcome="succeeded").values_list("task", flat=True)
    assert {TaskName.CONVERGE_SCOPE, TaskName.SEAL} <= set(done)
    assert not QueuedTask.objects.filter(taken_at__isnull=False).exists()


@pytest.mark.all
def test_an_emptied_broker_is_filled_again_within_seconds(mesh: Mesh, celery: CeleryProcesses) -> None:
    celery.start_beat()
    grant = mesh.grant()
    assert wait_until(QueuedTask.objects.filter(task=TaskName.CONVERGE_SCOPE).exists, TIMEOUT_SECONDS)
    celery.flush_broker()
    celery.start_worker()

    wait_until_present(mesh, grant, celery)


def test_a_killed_workers_tasks_are_done_by_another_while_beat_is_away(
    mesh: Mesh, celery: CeleryProcesses
) -> None:
    slow = {"kind": "latency", "operation": "BatchGrantPermissions", "milliseconds": 2500}
    mesh.cloud.control("faults", slow)
    celery.start_worker("one")
    grant = mesh.grant()
    assert wait_until(lambda: not mesh.cloud.control("faults"), TIMEOUT_SECONDS)
    celery.kill("one")
    celery.start_worker("two")

    assert wait_until(lambda: is_present(mesh, grant), TIMEOUT_SECONDS), celery.read_log("two")


@pytest.mark.all
def test_a_worker_that_is_told_to_stop_finishes_its_round(mesh: Mesh, celery: CeleryProcesses) -> None:
    slow = {"kind": "latency", "operation": "BatchGrantPermissions", "milliseconds": 700}
    mesh.cloud.control("faults", slow)
    celery.start_worker()
    mesh.grant()
    assert wait_until(lambda: not mesh.cloud.control("faults"), TIMEOUT_SECONDS)

    assert celery.stop("one") == 0

    assert not Scope.objects.exclude(lease_until=None).exists()
    outcomes = set(Step.objects.values_list("outcome", flat=True))
    assert outcomes
    assert Step.Outcome.SENT not in outcomes


@pytest.mark.all
def test_an_unexpected_exception_is_seen_at_once_and_stops_no_other_scope(
    mesh: Mesh, celery: CeleryProcesses
) -> None:
    broken, sound = mesh.grant(), mesh.grant(account="610000000001")
    with as_role("meshmarket_owner"):
        Intent.objects.filter(pk=broken.intent_id).update(wanted={"nobody": "wrote this"})
    celery.start_worker()

    assert wait_until(TaskFailure.objects.filter(failures__gt=1).exists, 10.0), celery.read_log("one")

    failure = TaskFailure.objects.filter(failures__gt=1).latest("failed_at")
    found = failure.task, failure.error_class, failure.resolved_at
    assert found == (TaskName.CONVERGE_SCOPE, "KeyError", None)
    assert failure.error_id in celery.read_log("one")
    assert wait_until(lambda: is_present(mesh, sound), TIMEOUT_SECONDS)
    assert mesh.get_intent(broken).presence == Intent.Presence.UNSEEN
    connection.close()


@pytest.mark.all
def test_a_mail_is_sent_again_by_the_broker_when_its_server_is_back(
    committed: TestDatabase, celery: CeleryProcesses, tmp_path: Path
) -> None:
    bank = make_bank()
    port = find_free_port()
    celery.start_worker("one", MESHMARKET_MAIL_URL=f"smtp://127.0.0.1:{port}")
    item = submit_bank_item(bank)
    reject_item(acting_user=bank.ines, item_id=item.pk, comment="no", now=clock.now())
    tried = NotificationMail.objects.filter(attempts=1, due_at__gt=clock.now())
    assert wait_until(tried.exists, TIMEOUT_SECONDS), celery.read_log("one")
    retries = TaskCount.objects.filter(task=TaskName.SEND_MAIL, outcome="retried")
    assert wait_until(retries.exists, TIMEOUT_SECONDS)

    catcher = make_mail_server(port, tmp_path)
    catcher.start()
    try:
        unsent = NotificationMail.objects.filter(sent_at=None)
        assert wait_until(lambda: not unsent.exists(), 2 * TIMEOUT_SECONDS), celery.read_log("one")
    finally:
        catcher.stop()
    assert len(list_caught_mails(tmp_path)) == NotificationMail.objects.count()
