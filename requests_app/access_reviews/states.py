"""The life cycles of a campaign and of its lines."""

from django.db.models import TextChoices

from requests_app.state_transitions import check_transition


class CampaignState(TextChoices):
    OPEN = "open", "open"
    CLOSED = "closed", "closed"
    CALLED_OFF = "called_off", "cancelled"


class LineState(TextChoices):
    OPEN = "open", "waiting for a decision"
    KEPT = "kept", "kept"
    REVOKED = "revoked", "revoked"
    DEFAULTED = "defaulted", "ended, not confirmed"
    ENDED = "ended", "ended otherwise"


CAMPAIGN_TRANSITIONS: dict[CampaignState, frozenset[CampaignState]] = {
    CampaignState.OPEN: frozenset({CampaignState.CLOSED, CampaignState.CALLED_OFF}),
    CampaignState.CLOSED: frozenset(),
    CampaignState.CALLED_OFF: frozenset(),
}
LINE_TRANSITIONS: dict[LineState, frozenset[LineState]] = {
    LineState.OPEN: frozenset({LineState.KEPT, LineState.REVOKED, LineState.DEFAULTED, LineState.ENDED}),
    LineState.KEPT: frozenset({LineState.REVOKED}),
    LineState.REVOKED: frozenset(),
    LineState.DEFAULTED: frozenset(),
    LineState.ENDED: frozenset(),
}


def check_campaign_transition(origin: CampaignState, target: CampaignState) -> CampaignState:
    """`target`, if the table allows it from `origin`; else IllegalTransitionError."""
    return check_transition(CAMPAIGN_TRANSITIONS, origin, target)


def check_line_transition(origin: LineState, target: LineState) -> LineState:
    """`target`, if the table allows it from `origin`; else IllegalTransitionError."""
    return check_transition(LINE_TRANSITIONS, origin, target)
