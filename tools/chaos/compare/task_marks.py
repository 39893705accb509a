"""Marks of queued tasks during a run."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg

from background.task_table import TaskName
from demo.embedded.child_process import wait_until
from tools.chaos.compare.convergence import STANDSTILL_SECONDS

LIST_WAITING = """
SELECT id, task, row_id FROM fulfilment_queuedtask WHERE taken_at IS NULL AND queued_at <= clock_timestamp()
"""
LIST_MARKS = "SELECT id, task, row_id FROM fulfilment_queuedtask WHERE queued_at <= clock_timestamp()"
DESCRIBE_MARK = """
SELECT CASE WHEN q.taken_at IS NULL THEN format('waits in %%s since %%s', q.queue, q.queued_at)
            ELSE format('taken at %%s by %%s, seen at %%s', q.taken_at, q.worker, coalesce(p.seen_at::text, 'no time')) END
  FROM fulfilment_queuedtask q LEFT JOIN fulfilment_workerprocess p ON p.name = q.worker WHERE q.id = %s
"""
IS_WORKER_DISPATCHING = """
SELECT EXISTS (SELECT FROM fulfilment_dispatchlease WHERE NOT is_beat AND lease_until > clock_timestamp())
"""
Mark = tuple[int, str, int]


class TaskMarks:
    """Reads the rows of marks and of the dispatchers' lease."""

    def __init__(self, superuser_url: str) -> None:
        self._url = superuser_url

    def list_waiting(self) -> set[Mark]:
        """Marks of messages that no worker has taken."""
        return {(row[0], row[1], row[2]) for row in self._query(LIST_WAITING)}

    def read_epochs(self, marks: Iterable[Mark]) -> dict[int, int]:
        """By scope, how often it was claimed; of the scopes among these marks."""
        scopes = [row_id for _, task, row_id in marks if task == TaskName.CONVERGE_SCOPE]
        return dict(self._query("SELECT id, epoch FROM fulfilment_scope WHERE id = ANY (%s)", [scopes]))

    def is_worker_dispatching(self) -> bool:
        return bool(self._query(IS_WORKER_DISPATCHING)[0][0])

    def find_left_behind(self, seconds: float = STANDSTILL_SECONDS) -> set[Mark]:
        """Marks of now that are still there so many seconds later. New ones may come: something is due all the time."""
        first = self._list()
        wait_until(lambda: not first & self._list(), seconds, 0.25)
        return first & self._list()

    def describe(self, mark: Mark) -> str:
        mark_id, task, row_id = mark
        rows = self._query(DESCRIBE_MARK, [mark_id])
        return f"{task} {row_id} {rows[0][0] if rows else 'has ended meanwhile'}"

    def _list(self) -> set[Mark]:
        return {(row[0], row[1], row[2]) for row in self._query(LIST_MARKS)}

    def _query(self, statement: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._url) as connection:
            return connection.execute(statement.encode(), params).fetchall()
