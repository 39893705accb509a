"""The life cycle of a decision: one for all kinds."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.state_transitions import Transitions


class DecisionState(TextChoices):
    """`ended`: by a person, after an approval. `lapsed`: by itself, as nobody decided in time, something later replaced it, or the last
    day of an approval is over.
    """

    WAITING = "waiting", _("waiting")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")
    ENDED = "ended", _("ended")
    LAPSED = "lapsed", _("lapsed")


LIVE_STATES = (DecisionState.WAITING, DecisionState.APPROVED)
DECISION_TRANSITIONS = Transitions(
    DecisionState,
    {
        DecisionState.WAITING: {
            DecisionState.APPROVED,
            DecisionState.REJECTED,
            DecisionState.WITHDRAWN,
            DecisionState.LAPSED,
        },
        DecisionState.APPROVED: {DecisionState.ENDED, DecisionState.LAPSED},
    },
)
STATE_WORDS: Mapping[str, str] = {DecisionState.WAITING.value: "requested"}
"""Of the API, for what is requested. Other states have their own word."""
ENDED_BY_PEOPLE = tuple(state for state in DecisionState if state != DecisionState.LAPSED)
"""The states of what never lapses."""


class ShownState(NamedTuple):
    """What people see: a state and a reason of `requests_app.display_states.vocabulary`, by their values."""

    state: str
    reason: str = ""


SHOWN_STATES: Mapping[str, ShownState] = {
    "waiting": ShownState("waiting_for_review"),
    "requested": ShownState("waiting_for_review"),
    "approved": ShownState("active"),
    "rejected": ShownState("rejected"),
    "withdrawn": ShownState("withdrawn"),
    "failed": ShownState("failed"),
    "ending": ShownState("ending"),
    "ended": ShownState("ended"),
    "lapsed": ShownState("ended"),
}
"""By status, of all kinds. A status between an approval and its proof is the kind's own."""
