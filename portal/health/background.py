"""Health of the workers, the web's loops and the audit chain, for the health page and `/healthz`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from audit.models import Verification
from audit.verification import get_verification, is_verification_late
from background.health import LoopState, list_degraded_loops, list_loop_states
from background.models import TaskFailure
from background.process_states import (
    DispatchState,
    ProcessState,
    QueueState,
    TaskFailures,
    TaskTotals,
    get_dispatch_state,
    is_replaced,
    list_failing_task_names,
    list_failing_tasks,
    list_process_states,
    list_queue_states,
    list_resolved_failures,
    list_task_totals,
)

AUDIT_CHAIN = "audit chain"
DISPATCH = "dispatch"


@dataclass(frozen=True)
class ChainHealth:
    """`verification` is None before the first run. `is_late`: no verification for some minutes."""

    verification: Verification | None
    is_late: bool

    @property
    def is_broken(self) -> bool:
        return self.verification is not None and self.verification.broken_since is not None

    @property
    def is_degraded(self) -> bool:
        return self.is_broken or self.is_late


@dataclass(frozen=True)
class BackgroundHealth:
    """`missing`: processes that are gone and whose work no other one does; `replaced`: those whose work one does."""

    now: datetime
    failing: tuple[TaskFailures, ...]
    resolved: tuple[TaskFailure, ...]
    queues: tuple[QueueState, ...]
    alive: tuple[ProcessState, ...]
    missing: tuple[ProcessState, ...]
    replaced: tuple[ProcessState, ...]
    dispatch: DispatchState
    degraded_loops: tuple[LoopState, ...]
    healthy_loops: tuple[LoopState, ...]
    totals: tuple[TaskTotals, ...]
    chain: ChainHealth


def get_background_health(now: datetime) -> BackgroundHealth:
    """Nine queries. `now` is the database's clock without the test offset."""
    processes = list_process_states(now)
    gone = [state for state in processes if not state.is_alive]
    loops = list_loop_states()
    return BackgroundHealth(
        now=now,
        failing=tuple(list_failing_tasks()),
        resolved=tuple(list_resolved_failures()),
        queues=tuple(sorted(list_queue_states(processes, now), key=lambda queue: not queue.is_degraded)),
        alive=tuple(state for state in processes if state.is_alive),
        missing=tuple(state for state in gone if not is_replaced(state, processes)),
        replaced=tuple(state for state in gone if is_replaced(state, processes)),
        dispatch=get_dispatch_state(processes, now),
        degraded_loops=tuple(loop for loop in loops if loop.is_degraded),
        healthy_loops=tuple(loop for loop in loops if not loop.is_degraded),
        totals=tuple(list_task_totals()),
        chain=get_chain_health(),
    )


def get_chain_health() -> ChainHealth:
    return ChainHealth(get_verification(), is_verification_late())


def list_degraded_names(now: datetime) -> list[str]:
    """Names of what is degraded, for machines; empty if all is healthy."""
    processes = list_process_states(now)
    return [
        *list_failing_task_names(),
        *list_degraded_loops(),
        *_name_degraded_queues(list_queue_states(processes, now)),
        *_name_dispatch(processes, now),
        *([AUDIT_CHAIN] if get_chain_health().is_degraded else []),
    ]


def _name_degraded_queues(queues: Iterable[QueueState]) -> list[str]:
    return [f"queue {queue.name}" for queue in queues if queue.is_degraded]


def _name_dispatch(processes: Sequence[ProcessState], now: datetime) -> list[str]:
    return [DISPATCH] if get_dispatch_state(processes, now).is_late else []
