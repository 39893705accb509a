"""The life cycle of a grant."""

from django.db.models import TextChoices

from requests_app.state_transitions import check_transition


class GrantState(TextChoices):
    LIVE = "live", "live"
    REVOKED = "revoked", "revoked"
    EXPIRED = "expired", "expired"


GRANT_TRANSITIONS: dict[GrantState, frozenset[GrantState]] = {
    GrantState.LIVE: frozenset({GrantState.REVOKED, GrantState.EXPIRED}),
    GrantState.REVOKED: frozenset(),
    GrantState.EXPIRED: frozenset(),
}


def check_grant_transition(origin: GrantState, target: GrantState) -> GrantState:
    """`target`, if the table allows it from `origin`; else IllegalTransitionError."""
    return check_transition(GRANT_TRANSITIONS, origin, target)
