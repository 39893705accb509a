"""The state of break-glass access for its page."""

from collections.abc import Collection
from datetime import datetime

from portal.access.presenters import GrantRow
from requests_app.break_glass.models import BreakGlassSession
from requests_app.display_states.rules import BreakGlassFacts, get_break_glass_state
from requests_app.display_states.vocabulary import DisplayState
from requests_app.grants.end_dates import has_ended


def get_session_state(taken: BreakGlassSession, grants: Collection[GrantRow], now: datetime) -> DisplayState:
    """`grants` are those of the session."""
    live = [row.status.display_state for row in grants if not has_ended(row.grant, now)]
    return get_break_glass_state(BreakGlassFacts(taken.state, taken.expires_at <= now, bool(live)), live)
