"""Kills workers at chosen moments of a call to AWS, and says from the step's row at which moment it was; and kills beat
and the broker.

A worker writes its step as *planned*, marks it *sent* and commits, calls AWS, writes the answer and commits. Before
both commits it locks its scope; whoever holds that row stops the worker just there.
"""

import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from demo.embedded.child_process import kill_group, read_group, send_signal, wait_until
from demo.supervisor.programs import Part
from tools.environment.worker_environment import WorkerEnvironment

SEARCH_SECONDS, BLOCK_SECONDS, EFFECT_SECONDS = 8.0, 5.0, 3.0
IDLE_SECONDS = 2.0
"""After which, with no worker at anything, no moment is looked for any more: all may be done."""
MAX_COMMITS = 3
CHILD_SHARE = 0.5
"""Of the kills of a worker with child processes, those in which only the child is killed."""
RECENT_CALLS = 1000
"""Calls to AWS, of anyone, among which a running round's last one is."""
LATENCY_MILLISECONDS = 300
"""Milliseconds that a writing call takes, so that a kill can fall into it."""
WRITE_OPERATIONS = {
    "lakeformation": (
        "BatchGrantPermissions",
        "BatchRevokePermissions",
        "RegisterResource",
        "CreateDataCellsFilter",
        "DeleteDataCellsFilter",
    ),
    "glue": ("CreateDatabase", "DeleteDatabase", "CreateTable", "UpdateTable", "DeleteTable"),
    "ram": ("AcceptResourceShareInvitation",),
}
MOMENTS = ("before the send", "in the call", "after the effect", "after the reply", "anywhere")
BROKER_MOMENTS = ("beat", "broker", "broker emptied")
"""What is hit as often as each moment of a worker, where there is a broker."""
MAX_BROKER_SECONDS = 2.0
"""Seconds, at most, until a killed broker is started again."""

BUSY_WORKERS = """
SELECT s.id, s.owner, coalesce(r.id, 0), coalesce(step.outcome, ''), coalesce(step.operation, ''),
       EXISTS (SELECT FROM fulfilment_step done WHERE done.round_id = r.id AND done.outcome IN ('done', 'partial'))
  FROM fulfilment_scope s
  LEFT JOIN fulfilment_round r ON r.scope_id = s.id AND r.epoch = s.epoch
  LEFT JOIN LATERAL (SELECT outcome, operation FROM fulfilment_step
                      WHERE round_id = r.id AND outcome IN ('planned', 'sent')
                      ORDER BY position LIMIT 1) step ON true
 WHERE s.lease_until > clock_timestamp() AND s.owner <> ''
"""
COUNT_SENT = """
SELECT count(*) FROM fulfilment_step WHERE round_id = %s AND operation = %s AND outcome NOT IN ('planned', 'skipped')
"""
IS_BLOCKED = """
SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND %s = ANY (pg_blocking_pids(pid)))
"""


@dataclass(frozen=True)
class BusyWorker:
    """What a worker is at: its scope and round (0: none yet), its next or running step's outcome and operation."""

    scope: int
    pid: int
    round: int
    outcome: str
    operation: str
    has_answers: bool

    def is_same_lease(self, other: "BusyWorker") -> bool:
        return (self.scope, self.pid) == (other.scope, other.pid)


def draw_moments(seed: int, moments: Sequence[str]) -> Iterator[str]:
    """Without end, each as often: every moment once, then every one again, in an order by lot."""
    picks = random.Random(f"moments-{seed}")
    while True:
        yield from picks.sample(moments, len(moments))


class WorkerKiller:
    """`kill` ends one worker; `moments` and `operations` count what it was at."""

    def __init__(self, stage: WorkerEnvironment, seed: int) -> None:
        self._stage = stage
        self._picks = random.Random(f"kills-{seed}")
        self._connection = psycopg.connect(stage.superuser_url, autocommit=True)
        # Another session than the one that looks: within a transaction it would see who waits only once.
        self._holder = psycopg.connect(stage.superuser_url, autocommit=True)
        self._newest = 0
        moments = (*MOMENTS, *BROKER_MOMENTS) if stage.broker else MOMENTS
        self._to_come = draw_moments(seed, moments)
        self.moments: Counter[str] = Counter()
        self.operations: Counter[str] = Counter()
        for service, operations in WRITE_OPERATIONS.items():
            for operation in operations:
                stage.add_fault(
                    kind="latency",
                    service=service,
                    operation=operation,
                    rate=1.0,
                    milliseconds=LATENCY_MILLISECONDS,
                )

    def close(self) -> None:
        self._connection.close()
        self._holder.close()

    def kill_one(self) -> None:
        """One SIGKILL at a moment drawn by lot, each as often; or anywhere when no worker comes to that moment in time.
        Emptying the broker counts as one, too.
        """
        wanted = next(self._to_come)
        if wanted in BROKER_MOMENTS:
            self._hit_broker(wanted)
            return
        tactic: dict[str, Callable[[], bool]] = {
            "before the send": lambda: self._kill_at_commit("planned"),
            "after the reply": lambda: self._kill_at_commit("sent"),
            "in the call": lambda: self._kill_in_call(wait=False),
            "after the effect": lambda: self._kill_in_call(wait=True),
        }
        if wanted == "anywhere" or not tactic[wanted]():
            self._kill_anywhere()

    def _hit_broker(self, target: str) -> None:
        broker = self._stage.broker
        assert broker is not None
        self.moments[target] += 1
        if target == "beat":
            self._stage.kill_worker(self._picks.choice(self._stage.beats))
        elif target == "broker":
            broker.kill()
            time.sleep(self._picks.uniform(0.0, MAX_BROKER_SECONDS))
            broker.start()
        else:
            broker.flush()

    def _kill_anywhere(self) -> None:
        """A worker that works, if there is one, at whatever it is."""
        if busy := self._list_busy():
            self._kill_worker_of(self._picks.choice(busy))
        else:
            self._kill_worker(self._picks.choice(self._stage.workers))

    def _kill_at_commit(self, outcome: str) -> bool:
        """Holds the row of a scope until its worker, with a step so far, waits for it; ends the worker, lets go."""
        busy = self._find_worker({outcome, ""} if outcome == "planned" else {outcome})
        if busy is None:
            return False
        try:
            # The first commit of a round writes its plan: the next one is the send.
            return any(self._kill_at_next_commit(busy, outcome) for _ in range(MAX_COMMITS))
        except psycopg.errors.LockNotAvailable:
            return False

    def _kill_at_next_commit(self, busy: BusyWorker, outcome: str) -> bool:
        with self._lock_scope(busy.scope):
            if not wait_until(self._is_blocking, BLOCK_SECONDS, 0.005):
                return False
            at = next(
                (one for one in self._list_busy() if one.is_same_lease(busy) and one.outcome == outcome), None
            )
            return at is not None and self._kill_worker_of(at, at_commit=True)

    def _kill_in_call(self, *, wait: bool) -> bool:
        """Ends a worker whose step is sent: at once, or stopped until AWS has done what it asked for."""
        busy = self._find_worker({"sent"})
        if busy is None:
            return False
        # First it assumes its role: a while later the call itself is on its way.
        time.sleep(self._picks.uniform(0.0, LATENCY_MILLISECONDS / 1000))
        if wait:
            if not send_signal(busy.pid, signal.SIGSTOP):
                return False
            wait_until(lambda: self._has_effect(busy), EFFECT_SECONDS)
        return self._kill_worker_of(busy)

    def _find_worker(self, outcomes: set[str]) -> BusyWorker | None:
        now = busy_at = time.monotonic()
        end = now + SEARCH_SECONDS
        while now < min(end, busy_at + IDLE_SECONDS):
            busy = self._list_busy()
            if found := [one for one in busy if one.outcome in outcomes]:
                return self._picks.choice(found)
            time.sleep(0.005)
            now = time.monotonic()
            busy_at = now if busy else busy_at
        return None

    def _list_busy(self) -> list[BusyWorker]:
        return [one for one in self._list_leased() if self._find_worker_of(one)]

    def _list_leased(self) -> list[BusyWorker]:
        """By the lease's owner, which names host, process and thread."""
        rows = self._connection.execute(BUSY_WORKERS).fetchall()
        return [BusyWorker(row[0], int(row[1].rsplit("-", 2)[1]), *row[2:]) for row in rows]

    @contextmanager
    def _lock_scope(self, scope: int) -> Iterator[None]:
        """Raises psycopg's LockNotAvailable when the worker keeps the row."""
        with self._holder.transaction():
            self._holder.execute("SET LOCAL lock_timeout = '400ms'")
            self._holder.execute("SELECT FROM fulfilment_scope WHERE id = %s FOR UPDATE", [scope])
            yield

    def _is_blocking(self) -> bool:
        row = self._connection.execute(IS_BLOCKED, [self._holder.info.backend_pid]).fetchone()
        return bool(row and row[0])

    def _kill_worker_of(self, busy: BusyWorker, *, at_commit: bool = False) -> bool:
        """Kill the worker, or only its child process that holds the lease, each as often."""
        worker = self._find_worker_of(busy)
        if worker is None:
            return False
        if busy.pid != worker.pid and self._picks.random() < CHILD_SHARE:
            if not send_signal(busy.pid, signal.SIGKILL):
                return False
            self._count(busy, at_commit=at_commit)
        else:
            self._kill_worker(worker, busy, at_commit=at_commit)
        return True

    def _kill_worker(self, worker: Part, busy: BusyWorker | None = None, *, at_commit: bool = False) -> None:
        if worker.pid is not None:
            kill_group(worker.pid)
        self._count(busy, at_commit=at_commit)
        self._stage.kill_worker(worker)

    def _count(self, busy: BusyWorker | None, *, at_commit: bool) -> None:
        """By what the rows say now that the process is dead."""
        mine = next((one for one in self._list_leased() if busy and one.is_same_lease(busy)), None)
        self.moments[self._get_moment(mine, at_commit=at_commit)] += 1
        if mine and mine.operation:
            self.operations[mine.operation] += 1

    def _find_worker_of(self, busy: BusyWorker) -> Part | None:
        """Sweeps and prefork workers run tasks in child processes of their group; None if the process has ended."""
        group = read_group(busy.pid)
        return next((worker for worker in self._stage.workers if group and worker.pid == group), None)

    def _get_moment(self, busy: BusyWorker | None, *, at_commit: bool) -> str:
        if busy is None:
            return "idle"
        if busy.outcome == "planned":
            return "before the send"
        if busy.outcome == "sent":
            if at_commit:
                return "after the reply, before the commit"
            return "after the effect, before the reply" if self._has_effect(busy) else "in the call"
        return "after the commit" if busy.has_answers else "reading"

    def _has_effect(self, busy: BusyWorker) -> bool:
        """Whether AWS has done the round's last call that was sent, by its own record of calls."""
        row = self._connection.execute(COUNT_SENT, [busy.round, busy.operation]).fetchone()
        assert row is not None
        calls: list[dict[str, Any]] = self._stage.cloud.control(f"calls?since={self._newest - RECENT_CALLS}")
        self._newest = max((call["number"] for call in calls), default=self._newest)
        mine = busy.operation, f"/round-{busy.round}"
        done = [call for call in calls if (call["operation"], call["principal"][-len(mine[1]) :]) == mine]
        return len(done) >= int(row[0])
