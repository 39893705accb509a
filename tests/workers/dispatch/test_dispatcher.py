"""Each due row is sent once while its message is queued or being run."""

from datetime import timedelta

import pytest

from background.health import NOW
from background.models import QueuedTask, TaskFailure
from background.queued_tasks import delete_marks, mark_queued, mark_taken
from background.task_failures import record_failure
from background.task_table import TASKS, TaskName
from identity.connections import Checkup
from kernel import clock
from tests import factories
from tests.database import as_role
from tests.workers.engine_rounds import WORKER
from workers.dispatch.loop import dispatch, list_due

pytestmark = pytest.mark.django_db
CHECK = TaskName.CHECK_ACCOUNT


class FakeBroker:
    """Takes messages, `room` at most."""

    def __init__(self, room: int = 100) -> None:
        self.sent: list[tuple[TaskName, int]] = []
        self.room = room

    def send(self, task: TaskName, row_id: int) -> bool:
        if len(self.sent) == self.room:
            return False
        self.sent.append((task, row_id))
        return True


@pytest.fixture
def checkups() -> list[Checkup]:
    """Two that are due, the first first."""
    account = factories.make_account(factories.make_team("BI"))
    return [Checkup.objects.create(account=account, requested_at=clock.now()) for _ in range(2)]


def dispatch_as_worker(broker: FakeBroker) -> int:
    with as_role(WORKER):
        return dispatch(CHECK, broker.send)


def test_a_due_row_is_sent_once(checkups: list[Checkup]) -> None:
    broker = FakeBroker()

    assert (dispatch_as_worker(broker), dispatch_as_worker(broker)) == (2, 0)

    assert broker.sent == [(CHECK, row.pk) for row in checkups]
    assert set(QueuedTask.objects.values_list("task", "row_id", "queue")) == {
        (CHECK, row.pk, "default") for row in checkups
    }


def test_a_row_that_is_still_due_is_sent_again_when_its_task_has_ended(checkups: list[Checkup]) -> None:
    broker = FakeBroker()
    dispatch_as_worker(broker)
    with as_role(WORKER):
        delete_marks(CHECK, [checkups[0].pk])

    assert dispatch_as_worker(broker) == 1
    assert broker.sent[-1] == (CHECK, checkups[0].pk)


def test_what_the_broker_does_not_take_is_sent_the_next_time(checkups: list[Checkup]) -> None:
    broker = FakeBroker(room=1)
    assert dispatch_as_worker(broker) == 1
    assert QueuedTask.objects.count() == 1

    broker.room = 100
    assert dispatch_as_worker(broker) == 1
    assert broker.sent == [(CHECK, row.pk) for row in checkups]


def test_of_two_dispatchers_at_once_one_sends(checkups: list[Checkup]) -> None:
    with as_role(WORKER):
        assert mark_queued(CHECK, [row.pk for row in checkups]) == {row.pk for row in checkups}
        assert mark_queued(CHECK, [row.pk for row in checkups]) == set()


def test_a_message_that_comes_twice_is_run_by_one_worker(checkups: list[Checkup]) -> None:
    with as_role(WORKER):
        mark_queued(CHECK, [checkups[0].pk])
        assert mark_taken(CHECK, checkups[0].pk, "one")
        assert not mark_taken(CHECK, checkups[0].pk, "two")
        assert mark_taken(CHECK, checkups[0].pk, "one")  # delivered again after its process was lost


def test_a_row_whose_task_failed_is_sent_again_after_its_back_off(checkups: list[Checkup]) -> None:
    first, second = checkups
    with as_role(WORKER):
        record_failure(CHECK, first.pk, KeyError(), "1234")
        assert list_due(CHECK) == [second.pk]
        TaskFailure.objects.update(retry_at=NOW - timedelta(seconds=1))
        assert list_due(CHECK) == [first.pk, second.pk]


@pytest.mark.parametrize("task", list(TASKS))
def test_the_worker_may_look_for_the_due_rows_of_each_task(task: TaskName) -> None:
    with as_role(WORKER):
        assert isinstance(list_due(task), list)
