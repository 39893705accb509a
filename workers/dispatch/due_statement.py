"""The one statement that finds the due rows of all tasks. PostgreSQL takes longer to plan it than to answer it."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.conf import settings
from django.db import connection

from background.queued_tasks import ARE_MARKS_LATE
from background.task_failures import ARE_FAILURES_UNRETRIED
from background.task_table import TaskName
from kernel.prepared_statements import prepared_cursor
from workers.dispatch.due_rows import SETTINGS, get_due_query
from workers.engine.claim import ARE_ROUNDS_PENDING

_DUE_ROWS = """
(SELECT %s::text AS task, due.id::bigint AS id, due.position
   FROM (SELECT found.id, row_number() OVER () AS position FROM ({sql}) AS found (id)) AS due
  WHERE NOT EXISTS (SELECT FROM fulfilment_queuedtask q WHERE q.task = %s AND q.row_id = due.id)
    AND (%s OR NOT EXISTS (SELECT FROM fulfilment_taskfailure f WHERE f.task = %s AND f.row_id = due.id
                              AND f.resolved_at IS NULL AND f.retry_at > clock_timestamp()))
  ORDER BY due.position
  LIMIT greatest(0, %s - (SELECT count(*) FROM fulfilment_queuedtask q WHERE q.task = %s)))
"""
_HOLDS = "(SELECT %s::text AS task, NULL::bigint AS id, 0::bigint AS position WHERE {sql})"
_PENDING, _MENDING = "pending", "mending"
_CONDITIONS = {_PENDING: ARE_ROUNDS_PENDING, _MENDING: f"{ARE_MARKS_LATE} OR {ARE_FAILURES_UNRETRIED}"}


@dataclass(frozen=True)
class Found:
    """`rows` has a list for each task. `creations` make rows that are due and not there yet. `are_rounds_pending`: a scope
    is due again within a second, or its round runs. `is_mending_due`: messages may be lost, or failures over.
    """

    rows: dict[TaskName, list[int]]
    creations: list[Callable[[], object]] = field(default_factory=list)
    are_rounds_pending: bool = False
    is_mending_due: bool = False


def execute_due_statement(tasks: Sequence[TaskName]) -> Found:
    """Due rows of these tasks that are neither queued nor backing off after a failure."""
    found: dict[TaskName, list[tuple[int, int]]] = defaultdict(list)
    conditions = set()
    with prepared_cursor() as cursor:
        cursor.execute(_build_statement(tuple(tasks), tuple(getattr(settings, name) for name in SETTINGS)))
        for task, row_id, position in cursor.fetchall():
            if row_id is None:
                conditions.add(task)
            else:
                found[task].append((position, row_id))
    rows = {task: [row_id for _, row_id in sorted(found[task])] for task in tasks}
    creations = [create for task in tasks if task in conditions and (create := get_due_query(task).create)]
    return Found(rows, creations, _PENDING in conditions, _MENDING in conditions)


@lru_cache(maxsize=200)
def _build_statement(tasks: tuple[TaskName, ...], _values: tuple[object, ...]) -> str:
    """`_values` are those of `SETTINGS`, on which the queries depend."""
    parts: list[str] = []
    params: list[object] = []
    for task in tasks:
        query = get_due_query(task)
        parts.append(_DUE_ROWS.format(sql=query.sql))
        name = str(task)
        params += [name, *query.params, name, query.has_own_retries, name, query.limit, name]
        if query.are_missing:
            parts.append(_HOLDS.format(sql=query.are_missing.sql))
            params += [name, *query.are_missing.params]
    for name, condition in _CONDITIONS.items():
        parts.append(_HOLDS.format(sql=condition))
        params.append(name)
    sql: str = connection.ops.compose_sql("\nUNION ALL\n".join(parts), params)  # type: ignore[attr-defined]
    return sql
