"""States of consents and sessions, and the effects that a session's items have, for pages and the API."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lakeformation.effects.table_effects import Effects
from portal.pages.effects_diff import DiffAccount, build_account_diffs
from requests_app.access_requests.models import RequestItem
from requests_app.break_glass.models import BreakGlassConsent, BreakGlassSession
from requests_app.break_glass.queries import list_session_items
from requests_app.break_glass.states import BreakGlassState
from requests_app.display_states.rules import BreakGlassFacts, get_break_glass_state
from requests_app.display_states.vocabulary import DisplayState, Lifecycle
from requests_app.grants.end_dates import has_ended
from requests_app.grants.models import Grant
from requests_app.review.access_status import AccessStatus
from requests_app.review.terms import compute_approval_hash
from requests_app.targets.checks import compute_effects

CONSENT_LIFECYCLES = (Lifecycle.ACTIVE, Lifecycle.REVOKED, Lifecycle.EXPIRED)


@dataclass(frozen=True)
class SessionItem:
    """What confirming would approve; no effects and an empty hash once the session is confirmed."""

    item: RequestItem
    effects: Effects | None = None
    effects_hash: str = ""

    @property
    def accounts(self) -> list[DiffAccount]:
        return build_account_diffs(self.effects, self.item) if self.effects else []


def get_consent_lifecycle(consent: BreakGlassConsent, now: datetime) -> Lifecycle:
    if consent.withdrawn_at is not None:
        return Lifecycle.REVOKED
    return Lifecycle.EXPIRED if consent.until <= now else Lifecycle.ACTIVE


def get_session_state(
    session: BreakGlassSession, grants: Iterable[tuple[Grant, AccessStatus]], now: datetime
) -> DisplayState:
    """`grants` are those of the session; ended ones can be left out."""
    live = [status.display_state for grant, status in grants if not has_ended(grant, now)]
    return get_break_glass_state(BreakGlassFacts(session.state, session.expires_at <= now, bool(live)), live)


def build_session_items(session: BreakGlassSession) -> list[SessionItem]:
    items = list_session_items(session).prefetch_related("table__columns")
    if session.state != BreakGlassState.REQUESTED:
        return [SessionItem(item) for item in items]
    return [_build_session_item(item) for item in items]


def _build_session_item(item: RequestItem) -> SessionItem:
    effects = compute_effects(item)
    return SessionItem(item, effects, compute_approval_hash(item, effects))
