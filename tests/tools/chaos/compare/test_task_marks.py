"""Marks of tasks that no run may leave behind."""

import os
from collections.abc import Iterator

import pytest

from background.queued_tasks import delete_marks, mark_queued, mark_taken
from background.task_table import TaskName
from background.worker_processes import hold_dispatch_lease
from tests.database import TestDatabase, as_role
from tools.chaos.compare.convergence import TaskMarks


@pytest.fixture
def marks(committed: TestDatabase) -> Iterator[TaskMarks]:
    with as_role("meshmarket_worker"):
        yield TaskMarks(os.environ["WORKER_DATABASE_URL"])


def test_a_mark_that_stays_is_found_and_one_that_ends_is_not(marks: TaskMarks) -> None:
    mark_queued(TaskName.CONVERGE_SCOPE, [1, 2])
    mark_taken(TaskName.CONVERGE_SCOPE, 2, "gone")
    assert {row_id for _, _, row_id in marks.list_waiting()} == {1}
    waiting, taken = sorted(marks.find_left_behind(0.1), key=lambda mark: mark[2])
    assert marks.describe(waiting).startswith("engine.converge_scope 1 waits in ")
    assert marks.describe(taken).endswith(" by gone, seen at no time")
    delete_marks(TaskName.CONVERGE_SCOPE, [1, 2])
    assert marks.find_left_behind(0.1) == set()


def test_a_worker_that_dispatches_is_told_from_beat(marks: TaskMarks) -> None:
    hold_dispatch_lease("worker", is_beat=False)
    assert marks.is_worker_dispatching()
    hold_dispatch_lease("beat", is_beat=True)
    assert not marks.is_worker_dispatching()
