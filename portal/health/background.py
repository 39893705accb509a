"""Health of the background parts and the audit chain, for the health page and `/healthz`."""

from dataclasses import dataclass

from audit.models import Verification
from audit.verification_state import get_verification, is_verification_late
from fulfilment.background.health import TaskState, list_degraded_tasks, list_task_states

AUDIT_CHAIN = "audit chain"


@dataclass(frozen=True)
class ChainHealth:
    """`verification` is None before the first run. `is_late`: no verification for some minutes."""

    verification: Verification | None
    is_late: bool

    @property
    def is_broken(self) -> bool:
        return self.verification is not None and self.verification.broken_since is not None


@dataclass(frozen=True)
class BackgroundHealth:
    """Parts that need attention, and the others."""

    degraded: tuple[TaskState, ...]
    healthy: tuple[TaskState, ...]
    chain: ChainHealth
    has_workers: bool


def get_background_health() -> BackgroundHealth:
    states = tuple(list_task_states())
    degraded = tuple(state for state in states if state.is_degraded)
    has_workers = any(state.row.process != "web" and not state.is_silent for state in states)
    well = tuple(state for state in states if not state.is_degraded)
    return BackgroundHealth(degraded, well, get_chain_health(), has_workers)


def get_chain_health() -> ChainHealth:
    return ChainHealth(get_verification(), is_verification_late())


def list_degraded_names() -> list[str]:
    """Names of degraded parts; empty if all are healthy."""
    chain = get_chain_health()
    return [*list_degraded_tasks(), *([AUDIT_CHAIN] if chain.is_broken or chain.is_late else [])]
