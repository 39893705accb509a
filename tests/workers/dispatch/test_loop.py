"""One process dispatches at a time; lost messages are sent again."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import cast

import pytest

from background.health import NOW, list_degraded_loops
from background.models import QueuedTask, TaskHealth, WorkerProcess
from background.queued_tasks import delete_lost_marks, mark_queued, mark_taken
from background.task_table import Queue, TaskName
from background.worker_processes import hold_dispatch_lease, record_heartbeat
from identity.connections import Checkup
from kernel import clock
from tests import factories
from tests.database import as_role
from tests.workers.engine_rounds import WORKER
from workers.dispatch import due_rows
from workers.dispatch.due_rows import DueQuery
from workers.dispatch.loop import DispatchLoop

pytestmark = pytest.mark.django_db
Kind = WorkerProcess.Kind
CHECK = TaskName.CHECK_ACCOUNT


@pytest.fixture(autouse=True)
def as_worker() -> Iterator[None]:
    with as_role(WORKER):
        yield


@pytest.fixture
def checkup() -> Checkup:
    with as_role("meshmarket_web"):
        account = factories.make_account(factories.make_team("BI"))
        return Checkup.objects.create(account=account, requested_at=clock.now())


class Recorder:
    """A broker with so many messages in its queues; it does not answer if these are not told."""

    def __init__(self, message_counts: Mapping[Queue, int] | None = None) -> None:
        self.sent: list[tuple[TaskName, int]] = []
        self.message_counts = message_counts or {}
        self.is_available = True

    def build_loop(self, name: str, kind: Kind) -> DispatchLoop:
        return DispatchLoop(name, kind, self.send, self.count_messages)

    def send(self, task: TaskName, row_id: int) -> bool:
        if self.is_available:
            self.sent.append((task, row_id))
        return self.is_available

    def count_messages(self, queues: Iterable[Queue]) -> dict[Queue, int]:
        return {queue: self.message_counts[queue] for queue in queues if queue in self.message_counts}


def test_a_worker_dispatches_while_beat_is_away(checkup: Checkup) -> None:
    broker = Recorder()

    wait = broker.build_loop("worker", Kind.WORKER).run()

    assert (CHECK, checkup.pk) in broker.sent
    assert 0.0 <= wait <= 0.25


def test_a_worker_does_not_dispatch_beside_beat(checkup: Checkup) -> None:
    assert hold_dispatch_lease("beat", is_beat=True)
    broker = Recorder()

    broker.build_loop("worker", Kind.WORKER).run()

    assert broker.sent == []


def test_a_second_beat_waits(checkup: Checkup) -> None:
    first, second = Recorder(), Recorder()
    first.build_loop("one", Kind.BEAT).run()

    second.build_loop("two", Kind.BEAT).run()

    assert (CHECK, checkup.pk) in first.sent
    assert second.sent == []


def test_beat_takes_the_lease_from_a_worker() -> None:
    assert hold_dispatch_lease("worker", is_beat=False)
    assert hold_dispatch_lease("beat", is_beat=True)
    assert not hold_dispatch_lease("worker", is_beat=False)


def test_a_task_whose_rows_cannot_be_found_stops_no_other(
    checkup: Checkup, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = Recorder()

    def fail() -> DueQuery:
        raise TypeError("not foreseen")

    monkeypatch.setitem(cast("dict[TaskName, object]", due_rows.DUE_QUERIES), TaskName.SEND_MAIL, fail)
    due_rows._build_statement.cache_clear()
    broker.build_loop("beat", Kind.BEAT).run()

    assert (CHECK, checkup.pk) in broker.sent
    row = TaskHealth.objects.get(part="dispatch of outbox.send_mail")
    assert (row.error_class, row.process, row.failures) == ("TypeError", "beat", 1)


def test_a_message_that_is_neither_taken_nor_in_the_broker_is_sent_again(checkup: Checkup) -> None:
    mark_queued(CHECK, [checkup.pk])
    QueuedTask.objects.update(queued_at=NOW - timedelta(seconds=3))

    for message_counts, count in ({}, 0), ({Queue.DEFAULT: 99}, 0), ({Queue.DEFAULT: 0}, 1):
        broker = Recorder(message_counts)
        dispatching = broker.build_loop("beat", Kind.BEAT)
        dispatching.run()
        dispatching._dispatchers = {CHECK: dispatching._dispatchers[CHECK]}
        dispatching._dispatchers[CHECK].due_at = 0.0
        dispatching.run()
        assert broker.sent.count((CHECK, checkup.pk)) == count


def test_the_earliest_messages_are_lost_when_fewer_are_in_the_broker_than_were_sent() -> None:
    for row_id, seconds in ((1, 9), (2, 6), (3, 4), (4, 1)):
        mark_queued(CHECK, [row_id])
        QueuedTask.objects.filter(row_id=row_id).update(queued_at=NOW - timedelta(seconds=seconds))
    mark_taken(CHECK, 1, "worker")

    assert delete_lost_marks({Queue.DEFAULT: 2}) == 1

    assert sorted(QueuedTask.objects.values_list("row_id", flat=True)) == [1, 3, 4]


def test_a_message_that_was_sent_just_now_is_not_lost() -> None:
    mark_queued(CHECK, [1])
    assert delete_lost_marks({Queue.DEFAULT: 0}) == 0


def test_a_task_of_a_worker_that_is_gone_is_sent_again(checkup: Checkup) -> None:
    for name in ("gone", "alive"):
        record_heartbeat(name, Kind.WORKER)
    mark_taken(CHECK, checkup.pk, "gone")
    mark_taken(TaskName.SEAL, 0, "alive")
    Recorder().build_loop("beat", Kind.BEAT).run()
    assert QueuedTask.objects.filter(task=CHECK).exists()

    WorkerProcess.objects.filter(name="gone").update(seen_at=NOW - timedelta(seconds=16))
    Recorder().build_loop("beat", Kind.BEAT).run()

    assert not QueuedTask.objects.filter(task=CHECK).exists()
    assert QueuedTask.objects.filter(task=TaskName.SEAL).exists()


def test_a_broker_that_takes_no_messages_is_shown_until_it_does(checkup: Checkup) -> None:
    broker = Recorder()
    broker.is_available = False
    dispatching = broker.build_loop("beat", Kind.BEAT)
    dispatching.run()
    assert list_degraded_loops() == ["broker"]

    broker.is_available = True
    for task in [*dispatching._dispatchers.values(), *dispatching._others]:
        task.due_at = 0.0
    dispatching.run()

    assert (CHECK, checkup.pk) in broker.sent
    assert list_degraded_loops() == []
