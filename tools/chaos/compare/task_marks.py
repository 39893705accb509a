"""Marks of queued tasks during a run."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg

from demo.embedded.child_process import wait_until
from fulfilment.background.task_table import TaskName

MARK_SECONDS = 60.0
"""Seconds within which each mark ends that stood at the end of a run: a worker that is gone is missed after 15."""
LIST_WAITING = """
SELECT id, task, row_id FROM fulfilment_queuedtask WHERE taken_at IS NULL AND queued_at <= clock_timestamp()
"""
LIST_MARKS = "SELECT id, task, row_id FROM fulfilment_queuedtask WHERE queued_at <= clock_timestamp()"
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

    def find_left_behind(self, seconds: float = MARK_SECONDS) -> set[Mark]:
        """Marks of now that are still there so many seconds later. New ones may come: something is due all the time."""
        first = self._list()
        wait_until(lambda: not first & self._list(), seconds, 0.25)
        return first & self._list()

    def _list(self) -> set[Mark]:
        return {(row[0], row[1], row[2]) for row in self._query(LIST_MARKS)}

    def _query(self, statement: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._url) as connection:
            return connection.execute(statement.encode(), params).fetchall()
