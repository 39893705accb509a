"""The state of break-glass access for its page."""

from collections.abc import Collection
from datetime import datetime

from portal.access.presenters import GrantShown
from requests_app.break_glass.models import BreakGlass
from requests_app.display_states.rules import BreakGlassFacts, get_break_glass_state
from requests_app.display_states.vocabulary import DisplayState
from requests_app.grants.end_dates import has_ended


def break_glass_state(taken: BreakGlass, grants: Collection[GrantShown], now: datetime) -> DisplayState:
    """`grants` are those that it was given."""
    live = [row.progress.shown for row in grants if not has_ended(row.grant, now)]
    return get_break_glass_state(BreakGlassFacts(taken.state, taken.lapses_at <= now, bool(live)), live)
