"""Lists due rows of tasks, and marks and sends them."""

from collections.abc import Callable, Sequence

from background.queued_tasks import delete_marks, mark_queued
from background.task_table import TaskName
from workers.dispatch.due_statement import Found, execute_due_statement

Send = Callable[[TaskName, int], bool]
"""Sends the message of a task for a row; False if the broker did not take it."""


def list_due(task: TaskName) -> list[int]:
    """Ids of due rows that are neither queued nor backing off after a failure, the most urgent first."""
    return find_due([task]).rows[task]


def find_due(tasks: Sequence[TaskName]) -> Found:
    """Due rows of these tasks, by one statement; by a second one if rows had to be created first."""
    found = execute_due_statement(tasks)
    for create in found.creations:
        create()
    return execute_due_statement(tasks) if found.creations else found


def send_due(task: TaskName, due: Sequence[int], send: Send) -> int:
    """Send the task of each of these rows once, while it is queued or run; returns how many were sent."""
    if not due:
        return 0
    marked = mark_queued(task, due)
    wanted = [row_id for row_id in due if row_id in marked]
    for count, row_id in enumerate(wanted):
        if not send(task, row_id):
            delete_marks(task, wanted[count:])
            return count
    return len(wanted)


def dispatch(task: TaskName, send: Send) -> int:
    """Send the task of each due row."""
    return send_due(task, list_due(task), send)


def dispatch_all(tasks: Sequence[TaskName], send: Send) -> int:
    due = find_due(tasks).rows if tasks else {}
    return sum(send_due(task, due[task], send) for task in tasks)
