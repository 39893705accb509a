"""The life cycle of access taken under a standing consent."""

from django.db.models import TextChoices

from requests_app.state_transitions import check_transition


class BreakGlassState(TextChoices):
    REQUESTED = "asked", "waiting for the second person"
    CONFIRMED = "confirmed", "confirmed; to be reviewed by a data owner"
    REVIEWED = "reviewed", "reviewed"


BREAK_GLASS_TRANSITIONS: dict[BreakGlassState, frozenset[BreakGlassState]] = {
    BreakGlassState.REQUESTED: frozenset({BreakGlassState.CONFIRMED}),
    BreakGlassState.CONFIRMED: frozenset({BreakGlassState.REVIEWED}),
    BreakGlassState.REVIEWED: frozenset(),
}


def check_break_glass_transition(origin: BreakGlassState, target: BreakGlassState) -> BreakGlassState:
    """`target`, if the table allows it from `origin`; else IllegalTransitionError."""
    return check_transition(BREAK_GLASS_TRANSITIONS, origin, target)
