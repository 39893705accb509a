"""How a task ends is recorded, whatever happens in it."""

from collections.abc import Iterator

import pytest
from django.db import OperationalError

from background.health import NOW
from background.models import QueuedTask, TaskCount, TaskFailure
from background.queued_tasks import LOST_AFTER, delete_ended_marks, mark_queued, mark_taken
from background.task_failures import UNRETRIED_AFTER, add_task_counts, resolve_unretried_failures
from background.task_table import TaskName
from kernel.duration_counter import DurationCounter
from tests.database import TestDatabase, as_role, set_role
from tests.workers.engine_rounds import WORKER
from workers import task_run
from workers.task_run import MAX_TRANSIENT_RETRIES, TaskRun

MAIL = TaskName.SEND_MAIL


@pytest.fixture(autouse=True)
def as_worker(committed: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(task_run, "counter", DurationCounter(add_task_counts))
    with as_role(WORKER):
        yield


def fail(_row_id: int) -> None:
    raise TypeError("not foreseen")


def lose_database(_row_id: int) -> None:
    raise OperationalError("the connection is lost")


def test_a_task_that_succeeds_leaves_no_mark() -> None:
    mark_queued(MAIL, [7])
    done: list[int] = []

    result = TaskRun(MAIL, 7, "one").run(done.append, None)

    assert (done, result.error, result.retry_in) == ([7], None, None)
    assert not QueuedTask.objects.exists()


def test_a_task_that_another_worker_runs_is_not_run() -> None:
    mark_taken(MAIL, 7, "other")
    done: list[int] = []

    TaskRun(MAIL, 7, "one").run(done.append, None)

    assert done == []
    assert QueuedTask.objects.get().worker == "other"


def test_an_unexpected_exception_is_recorded_counted_and_cleared_by_a_success() -> None:
    reasons: list[str] = []
    for failures in (1, 2):
        result = TaskRun(MAIL, 7, "one").run(fail, lambda _row, reason: reasons.append(reason))
        assert isinstance(result.error, TypeError)
        assert TaskFailure.objects.get(resolved_at=None).failures == failures
    failure = TaskFailure.objects.get()
    assert failure.retry_at > failure.failed_at
    assert reasons[1] == f"an unexpected TypeError: error {failure.error_id} in the workers' log"
    assert "in fail" in failure.frames
    assert "not foreseen" not in failure.frames.replace('raise TypeError("not foreseen")', "")
    assert not QueuedTask.objects.exists()

    TaskRun(MAIL, 7, "one").run(lambda _row: None, None)

    assert not TaskFailure.objects.filter(resolved_at=None).exists()
    TaskRun(MAIL, 7, "one").run(fail, None)
    assert TaskFailure.objects.get(resolved_at=None).failures == 1


def test_a_lost_database_is_retried_by_the_broker_before_it_is_a_failure() -> None:
    for attempt in range(MAX_TRANSIENT_RETRIES):
        result = TaskRun(MAIL, 7, "one", attempt).run(lose_database, None)
        set_role(WORKER)
        assert result.error is None
        assert result.retry_in is not None
        assert 0 < result.retry_in < 10
    assert not TaskFailure.objects.exists()

    result = TaskRun(MAIL, 7, "one", MAX_TRANSIENT_RETRIES).run(lose_database, None)

    set_role(WORKER)
    assert isinstance(result.error, OperationalError)


def test_a_retry_within_a_minute_waits_in_the_broker_a_later_one_in_its_row() -> None:
    mark_queued(MAIL, [7, 8])

    soon = TaskRun(MAIL, 7, "one").run(lambda _row: 30.0, None)
    late = TaskRun(MAIL, 8, "one").run(lambda _row: 3600.0, None)

    assert (soon.retry_in, late.retry_in) == (30.0, None)
    mark = QueuedTask.objects.get()
    assert (mark.row_id, mark.taken_at, mark.worker) == (7, None, "")


def test_ends_are_counted_by_outcome() -> None:
    counter = DurationCounter(add_task_counts)
    counter.count(MAIL, TaskCount.Outcome.SUCCEEDED, 0.5)
    counter.count(MAIL, TaskCount.Outcome.SUCCEEDED, 0.25)
    counter.write(0.0)
    counter.count(MAIL, TaskCount.Outcome.SUCCEEDED, 0.25)
    counter.count(MAIL, TaskCount.Outcome.FAILED, 1.0)
    counter.write(0.0)

    found = set(TaskCount.objects.values_list("task", "outcome", "count", "seconds"))
    assert found == {(MAIL, "succeeded", 3, 1.0), (MAIL, "failed", 1, 1.0)}


def test_the_heartbeat_deletes_marks_of_tasks_that_have_ended() -> None:
    for row_id in (7, 8):
        mark_taken(MAIL, row_id, "one")
    mark_taken(MAIL, 9, "other")
    QueuedTask.objects.update(taken_at=NOW - 2 * LOST_AFTER)

    assert delete_ended_marks("one", [(MAIL, 8)]) == 1

    assert set(QueuedTask.objects.values_list("row_id", flat=True)) == {8, 9}


def test_a_failure_of_a_row_that_is_no_longer_due_ends() -> None:
    TaskRun(MAIL, 7, "one").run(fail, None)
    assert resolve_unretried_failures() == 0
    TaskFailure.objects.update(retry_at=NOW - 2 * UNRETRIED_AFTER)
    assert resolve_unretried_failures() == 1
