"""Scopes that the workers read, with their states, and the order of sections."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from fulfilment.health import ScopeState, build_scope_states, list_scopes
from portal.health.background import BackgroundHealth
from requests_app.display_states.rules import REQUEST_RULES, ScopeFacts, get_scope_state
from requests_app.display_states.vocabulary import DisplayState


@dataclass(frozen=True)
class ScopeRow:
    details: ScopeState
    state: DisplayState


def get_scope_display_state(found: ScopeState) -> DisplayState:
    return get_scope_state(
        ScopeFacts(
            has_account_outage=found.is_unreachable,
            was_read=found.reading is not None or not found.needs_reading,
            is_reading_old=found.is_reading_old,
            failure_count=found.scope.failures,
            finding_count=found.finding_count,
            hold_count=found.hold_count,
            unmanaged_count=found.unmanaged_count,
        )
    )


def build_scope_rows(found: Iterable[ScopeState]) -> list[ScopeRow]:
    """Sorted by urgency."""
    rows = [ScopeRow(scope_state, get_scope_display_state(scope_state)) for scope_state in found]
    return sorted(rows, key=lambda row: REQUEST_RULES.index(row.state.state))


def list_scope_rows(now: datetime, wall_clock: datetime) -> list[ScopeRow]:
    """Lists all scopes, sorted by urgency. Six queries."""
    return build_scope_rows(build_scope_states(list(list_scopes(now)), wall_clock, now))


def order_sections(health: BackgroundHealth) -> list[str]:
    """Templates of the sections about the workers; those that need attention first."""
    needs_attention = {
        "failures": bool(health.failing),
        "queues": any(queue.is_degraded for queue in health.queues),
        "workers": health.dispatch.is_late or bool(health.missing),
        "chain": health.chain.is_degraded,
        "loops": bool(health.degraded_loops),
        "totals": False,
    }
    ordered = sorted(needs_attention, key=lambda name: not needs_attention[name])
    return [f"portal/health/_{name}.html" for name in ordered]
