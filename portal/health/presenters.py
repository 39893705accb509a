"""What the workers read, each scope with its state."""

from collections.abc import Iterable
from dataclasses import dataclass

from fulfilment.health.queries import ScopeState
from requests_app.display_states.rules import REQUEST_RULES, ScopeFacts, get_scope_state
from requests_app.display_states.vocabulary import DisplayState


@dataclass(frozen=True)
class ScopeShown:
    of: ScopeState
    state: DisplayState


def scope_state(found: ScopeState) -> DisplayState:
    return get_scope_state(
        ScopeFacts(
            is_silent=found.is_silent,
            was_read=found.reading is not None,
            is_reading_old=found.is_reading_old,
            failures=found.scope.failures,
            findings=found.findings,
            holds=found.holds,
            unmanaged=found.unmanaged,
        )
    )


def scopes_shown(found: Iterable[ScopeState]) -> list[ScopeShown]:
    """What needs attention first."""
    rows = [ScopeShown(one, scope_state(one)) for one in found]
    return sorted(rows, key=lambda row: REQUEST_RULES.index(row.state.state))
