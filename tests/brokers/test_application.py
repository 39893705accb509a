"""The workers' own tasks, sent by beat and run by a worker, with every broker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.models import Pending
from background.models import QueuedTask, TaskCount
from background.task_table import TaskName
from demo.embedded.child_process import wait_until
from kernel import clock
from requests_app.notifications.models import Notification
from requests_app.review.actions import reject_item
from tests.bank import make_bank, submit_bank_item
from tests.brokers.servers import Broker
from tests.database import TestDatabase
from tests.workers.celery_processes import CeleryProcesses

TIMEOUT_SECONDS = 60.0


@pytest.fixture
def celery(broker: Broker, committed: TestDatabase, tmp_path: Path) -> Iterator[CeleryProcesses]:
    # SQS gives the next message to the long poll of a worker that has stopped: these queues are no other test's.
    url = f"{broker.url}&prefix=application-" if broker.url.startswith("sqs:") else broker.url
    processes = CeleryProcesses(tmp_path, {**broker.environment, "MESHMARKET_BROKER_URL": url})
    yield processes
    processes.kill_all()


def test_a_decision_is_sealed_and_told(celery: CeleryProcesses) -> None:
    celery.start_worker()
    celery.start_beat()
    bank = make_bank()
    item = submit_bank_item(bank)
    reject_item(acting_user=bank.ines, item_id=item.pk, comment="no", now=clock.now())

    told = Notification.objects.filter(event__verb="reject_item")
    assert wait_until(told.exists, TIMEOUT_SECONDS), celery.read_log("one") + celery.read_log("beat")

    assert not Pending.objects.filter(event__verb="reject_item").exists()
    assert celery.stop("one") == 0
    done = TaskCount.objects.filter(outcome="succeeded").values_list("task", flat=True)
    assert {TaskName.SEAL, TaskName.PROJECT_NOTICES} <= set(done)
    assert not QueuedTask.objects.filter(taken_at__isnull=False).exists()
