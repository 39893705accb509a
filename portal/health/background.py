"""What system health and `/healthz` say of the background parts and of the audit chain."""

from dataclasses import dataclass

from audit.models import Verification
from audit.verification_state import is_late, last_verification
from fulfilment.background.health import PartState, degraded_parts, part_states

AUDIT_CHAIN = "audit chain"


@dataclass(frozen=True)
class ChainHealth:
    """`row` is None before the first verification. `is_late`: nobody has verified for some minutes."""

    row: Verification | None
    is_late: bool

    @property
    def is_broken(self) -> bool:
        return self.row is not None and self.row.broken_since is not None


@dataclass(frozen=True)
class BackgroundHealth:
    """Parts that need attention, and the others."""

    degraded: tuple[PartState, ...]
    well: tuple[PartState, ...]
    chain: ChainHealth
    has_workers: bool


def background_health() -> BackgroundHealth:
    states = tuple(part_states())
    degraded = tuple(state for state in states if state.is_degraded)
    has_workers = any(state.row.process != "web" and not state.is_silent for state in states)
    well = tuple(state for state in states if not state.is_degraded)
    return BackgroundHealth(degraded, well, chain_health(), has_workers)


def chain_health() -> ChainHealth:
    return ChainHealth(last_verification(), is_late())


def degraded_names() -> list[str]:
    """Names of what needs attention; empty when all is well."""
    chain = chain_health()
    return [*degraded_parts(), *([AUDIT_CHAIN] if chain.is_broken or chain.is_late else [])]
