"""When a run has come to rest, and how what AWS holds then differs from what was approved.

Nothing here goes by how fast the machine is. Whoever compares takes a while to read; a grant that ends meanwhile would
look like access that nobody took away.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg

from background.task_table import TaskName
from demo.embedded.child_process import wait_until
from demo.embedded.waits import NotSeenError
from tools.chaos.compare import approved_access, observed_access
from tools.chaos.compare.approved_access import AccessLine, ApprovedAccess, list_unproven
from tools.chaos.compare.watcher import AccessWatcher
from tools.environment.worker_environment import CATALOGS, WorkerEnvironment

STANDSTILL_SECONDS = 240.0
"""Without a single proof: what is not proven then is stuck."""
POLL_SECONDS = 0.25
MAX_TRIES = 20
"""Comparisons in a row into which something fell."""
ReadApprovals = Callable[[], list[ApprovedAccess]]
Result = TypeVar("Result")
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


@dataclass(frozen=True)
class ConvergenceResult:
    """`late_count` grants were proven late; `unproven` were not proven; `seconds` until the last proof."""

    late_count: int
    unproven: list[ApprovedAccess]
    seconds: float


def wait_until_proven(
    read: ReadApprovals, patience: float, *, standstill: float = STANDSTILL_SECONDS
) -> ConvergenceResult:
    """Waits until all is proven, or until for `standstill` seconds after its `patience` nothing more was."""
    began = time.monotonic()
    left = _wait_for_unproven(read, began + patience)
    unproven = fewest = len(left)
    end = time.monotonic() + standstill
    while left and time.monotonic() < end:
        time.sleep(POLL_SECONDS)
        left = list_unproven(read())
        if len(left) < fewest:
            fewest, end = len(left), time.monotonic() + standstill
    return ConvergenceResult(max(0, unproven - len(left)), left, round(time.monotonic() - began, 1))


def _wait_for_unproven(read: ReadApprovals, end: float) -> list[ApprovedAccess]:
    left = list_unproven(read())
    while left and time.monotonic() < end:
        time.sleep(POLL_SECONDS)
        left = list_unproven(read())
    return left


def read_unchanged(
    read: ReadApprovals,
    look: Callable[[list[ApprovedAccess]], Result],
    *,
    standstill: float = STANDSTILL_SECONDS,
) -> tuple[list[ApprovedAccess], Result]:
    """What was agreed to, and what `look` found of it while that stayed as it was; waits for what comes in between.
    NotSeenError when something changed during each of the looks.
    """
    for _ in range(MAX_TRIES):
        before = read()
        found = look(before)
        if _states(before) == _states(read()):
            return before, found
        wait_until_proven(read, 0.0, standstill=standstill)
    raise NotSeenError(f"No moment was seen in which no grant changed, in {MAX_TRIES} comparisons.")


def _states(agreed: list[ApprovedAccess]) -> list[tuple[int, bool, bool]]:
    return sorted((one.intent, one.is_live, one.is_settled) for one in agreed)


def read_difference(
    stage: WorkerEnvironment, watch: AccessWatcher
) -> tuple[list[approved_access.ApprovedAccess], Counter[AccessLine], observed_access.AccessDifference]:
    """What was agreed to, what AWS holds at that moment, and how they differ."""
    agreed, held = read_unchanged(
        lambda: approved_access.read_approved(stage.superuser_url),
        lambda all_: observed_access.read_lines(watch.get_client, CATALOGS, {grant.holder for grant in all_}),
    )
    return agreed, held, observed_access.compare_access(agreed, held)


def write_differences(
    stage: WorkerEnvironment,
    difference: observed_access.AccessDifference,
    left: list[approved_access.ApprovedAccess],
    wrong: set[int],
) -> None:
    """A line for each fault that was found: which holding, which intent."""
    for word in ("lost", "extra", "duplicate"):
        for holding in sorted(getattr(difference, word)):
            stage.write_line(f"{word}: {' '.join(holding)}")
    for grant in left:
        stage.write_line(
            f"stuck: intent {grant.intent} is {grant.presence}, live {grant.is_live}: {grant.failure}"
        )
    for intent in sorted(wrong):
        stage.write_line(f"wrong: intent {intent}")


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
