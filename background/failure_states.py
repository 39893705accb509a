"""Tasks that fail, and how often tasks succeeded and failed."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from background.health import NOW
from background.models import TaskCount, TaskFailure
from background.task_failures import RETENTION
from background.task_table import TASKS, Queue, TaskName

MAX_FAILURES = 5
"""Failures of one task that are listed."""
MAX_RESOLVED = 20


@dataclass(frozen=True)
class TaskFailures:
    """`rows`: how many rows the task fails on; `failures` are those that failed first, `MAX_FAILURES` at most."""

    name: str
    rows: int
    failures: tuple[TaskFailure, ...]

    @property
    def unlisted(self) -> int:
        return self.rows - len(self.failures)


def list_failing_tasks() -> list[TaskFailures]:
    """One query."""
    by_task = F("task")
    open_failures = TaskFailure.objects.filter(resolved_at=None).annotate(
        rows=Window(Count("pk"), partition_by=by_task),
        position=Window(RowNumber(), partition_by=by_task, order_by=["failing_since", "pk"]),
    )
    found = open_failures.filter(position__lte=MAX_FAILURES).order_by("task", "position")
    tasks = ((name, tuple(failures)) for name, failures in groupby(found, lambda failure: failure.task))
    return [TaskFailures(name, failures[0].rows, failures) for name, failures in tasks]


def list_resolved_failures() -> QuerySet[TaskFailure]:
    """Of the last day, latest first."""
    rows = TaskFailure.objects.filter(resolved_at__gte=NOW - RETENTION)
    return rows.order_by("-resolved_at", "pk")[:MAX_RESOLVED]


def list_failing_task_names() -> list[str]:
    rows = TaskFailure.objects.filter(resolved_at=None)
    return list(rows.order_by("task").values_list("task", flat=True).distinct())


@dataclass(frozen=True)
class TaskTotals:
    """How often a task ended in each way since the first start. `mean_seconds` is None if it never ended."""

    name: TaskName
    succeeded: int
    failed: int
    retried: int
    mean_seconds: float | None

    @property
    def queue(self) -> Queue:
        return TASKS[self.name].queue


def list_task_totals() -> list[TaskTotals]:
    """Every task, in the order of the table. One query."""
    counts = list(TaskCount.objects.all())
    return [_build_totals(name, [row for row in counts if row.task == name]) for name in TASKS]


def _build_totals(name: TaskName, counts: Iterable[TaskCount]) -> TaskTotals:
    by_outcome = {row.outcome: row.count for row in counts}
    ended = sum(by_outcome.values())
    mean = sum(row.seconds for row in counts) / ended if ended else None
    succeeded, failed, retried = (by_outcome.get(outcome, 0) for outcome in TaskCount.Outcome)
    return TaskTotals(name, succeeded, failed, retried, mean)
