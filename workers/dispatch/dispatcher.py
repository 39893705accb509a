"""Lists due rows of a task, and marks and sends them."""

from collections.abc import Callable, Iterable

from django.db import connection

from fulfilment.background.queued_tasks import delete_marks, mark_queued
from fulfilment.background.task_table import TaskName
from workers.dispatch.due_rows import get_due_query

Send = Callable[[TaskName, int], bool]
"""Sends the message of a task for a row; False if the broker did not take it."""

_LIST_DUE = """
SELECT due.id FROM (SELECT found.id, row_number() OVER () AS position FROM ({sql}) AS found (id)) AS due
 WHERE NOT EXISTS (SELECT FROM fulfilment_queuedtask q WHERE q.task = %s AND q.row_id = due.id)
   AND (%s OR NOT EXISTS (SELECT FROM fulfilment_taskfailure f WHERE f.task = %s AND f.row_id = due.id
                             AND f.resolved_at IS NULL AND f.retry_at > clock_timestamp()))
 ORDER BY due.position
 LIMIT greatest(0, %s - (SELECT count(*) FROM fulfilment_queuedtask q WHERE q.task = %s))
"""


def list_due(task: TaskName) -> list[int]:
    """Ids of due rows that are neither queued nor backing off after a failure, the most urgent first."""
    query = get_due_query(task)
    params = [*query.params, task, query.has_own_retries, task, query.limit, task]
    with connection.cursor() as cursor:
        cursor.execute(_LIST_DUE.format(sql=query.sql), params)
        return [row_id for (row_id,) in cursor.fetchall()]


def dispatch(task: TaskName, send: Send) -> int:
    """Send the task of each due row once, while it is queued or run; returns how many were sent."""
    due = list_due(task)
    if not due:
        return 0
    marked = mark_queued(task, due)
    wanted = [row_id for row_id in due if row_id in marked]
    for count, row_id in enumerate(wanted):
        if not send(task, row_id):
            delete_marks(task, wanted[count:])
            return count
    return len(wanted)


def dispatch_all(tasks: Iterable[TaskName], send: Send) -> int:
    return sum(dispatch(task, send) for task in tasks)
