"""One statement finds what is due of every task, and an idle look sends no other."""

import inspect
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from background.health import NOW
from background.models import QueuedTask, WorkerProcess
from background.queued_tasks import mark_taken
from background.task_table import TASKS, Queue, TaskName
from background.worker_processes import record_heartbeat
from fulfilment.intents.actions import catalog_scope_key
from fulfilment.rounds import Scope
from kernel import clock
from requests_app.grants.models import Grant
from requests_app.notifications.models import NotificationMail
from tests.bank import Bank, approve, make_bank, submit_bank_item
from tests.database import as_role
from tests.workers.engine_rounds import WORKER
from workers.dispatch import due_rows
from workers.dispatch.due_rows import DUE_QUERIES, SETTINGS
from workers.dispatch.loop import DispatchLoop, find_due

IDLE_STATEMENTS = 1


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


@pytest.fixture
def scope(bank: Bank) -> Scope:
    """Of the bank's catalog; it was just read, and nothing is wanted of it."""
    with as_role(WORKER):
        find_due([TaskName.CONVERGE_SCOPE])
        found = Scope.objects.get(key=catalog_scope_key(bank.catalog.pk))
        Scope.objects.update(scan_at=NOW + timedelta(hours=1))
    return found


def list_found() -> set[TaskName]:
    """Tasks that have due rows."""
    with as_role(WORKER):
        return {task for task, due in find_due(list(DUE_QUERIES)).rows.items() if due}


def test_an_idle_look_is_one_statement_and_sends_nothing(scope: Scope) -> None:
    sent: list[tuple[TaskName, int]] = []

    def send(task: TaskName, row_id: int) -> bool:
        sent.append((task, row_id))
        return True

    with as_role(WORKER):
        dispatching = DispatchLoop(
            "beat",
            WorkerProcess.Kind.BEAT,
            send,
            lambda _queues: dict.fromkeys(Queue, len(TASKS)),
        )
        dispatching.run()
        sent.clear()
        for task in [*dispatching._dispatchers.values(), *dispatching._others]:
            task.due_at, task.reported_at = 0.0, float("inf")
        dispatching._lease.due_at = float("inf")
        with CaptureQueriesContext(connection) as captured:
            dispatching.run()

    assert sent == []
    assert len(captured) == IDLE_STATEMENTS, captured.captured_queries


@pytest.mark.parametrize(
    ("not_before", "lease_until", "is_pending"),
    [(None, None, False), (0.9, None, True), (3600, None, False), (-1, None, False), (None, 3600, True)],
)
def test_rounds_that_run_or_continue_soon_are_told_by_the_same_statement(
    scope: Scope, not_before: float | None, lease_until: float | None, *, is_pending: bool
) -> None:
    """The loop looks less often while there is none."""
    times = {"not_before": not_before, "lease_until": lease_until}
    with as_role(WORKER):
        Scope.objects.update(
            **{
                name: None if value is None else NOW + timedelta(seconds=value)
                for name, value in times.items()
            }
        )
        assert find_due([TaskName.SEAL]).are_rounds_pending is is_pending


def expire_grant(bank: Bank) -> None:
    grant = Grant.objects.latest("pk")
    with as_role("meshmarket_owner"):
        clock.advance(grant.ends_at - clock.now())


def test_what_is_due_by_the_clock_is_found_when_its_time_has_come(scope: Scope, bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    assert {TaskName.CONVERGE_SCOPE, TaskName.SEAL} <= list_found()
    assert TaskName.EXPIRE_DUE not in list_found()

    expire_grant(bank)

    assert TaskName.EXPIRE_DUE in list_found()


def test_a_scan_is_due_at_its_time(scope: Scope) -> None:
    assert TaskName.CONVERGE_SCOPE not in list_found()
    with as_role(WORKER):
        Scope.objects.filter(pk=scope.pk).update(scan_at=NOW)
    assert TaskName.CONVERGE_SCOPE in list_found()


def test_what_a_lost_worker_left_is_told_by_the_same_statement(scope: Scope) -> None:
    with as_role(WORKER):
        record_heartbeat("gone", WorkerProcess.Kind.WORKER)
        mark_taken(TaskName.CONVERGE_SCOPE, scope.pk, "gone")
        assert not find_due([TaskName.SEAL]).is_mending_due
        WorkerProcess.objects.update(seen_at=NOW - timedelta(seconds=16))
        assert find_due([TaskName.SEAL]).is_mending_due


def test_a_message_that_nobody_took_is_told_by_the_same_statement(scope: Scope) -> None:
    with as_role(WORKER):
        QueuedTask.objects.create(
            task=TaskName.SEAL, row_id=0, queue=Queue.AUDIT, queued_at=NOW - timedelta(seconds=3), worker=""
        )
        assert find_due([TaskName.READ_TRAIL]).is_mending_due


def test_a_mail_is_due_once_its_time_has_come(scope: Scope, bank: Bank, settings: Any) -> None:
    settings.MAIL_IS_SENT = True
    with as_role(WORKER):
        mail = NotificationMail.objects.create(
            person=bank.ana, key="mail", created_at=clock.now(), due_at=clock.now() + timedelta(minutes=5)
        )
    assert TaskName.SEND_MAIL not in list_found()
    with as_role("meshmarket_owner"):
        clock.advance(timedelta(minutes=5))
    with as_role(WORKER):
        assert find_due([TaskName.SEND_MAIL]).rows == {TaskName.SEND_MAIL: [mail.pk]}


def test_a_setting_is_obeyed_as_soon_as_it_changes(scope: Scope, bank: Bank, settings: Any) -> None:
    approve(bank, submit_bank_item(bank))
    grant = Grant.objects.latest("pk")
    with as_role("meshmarket_owner"):
        clock.advance(grant.ends_at - clock.now() - timedelta(days=3))
    settings.WARN_DAYS = 2
    assert TaskName.WARN not in list_found()
    settings.WARN_DAYS = 4
    assert TaskName.WARN in list_found()


def test_the_statement_knows_every_setting_that_its_queries_read() -> None:
    source = Path(inspect.getsourcefile(due_rows) or "").read_text()
    assert set(re.findall(r"\bsettings\.([A-Z_]+)", source)) <= set(SETTINGS)
