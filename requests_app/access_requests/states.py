"""The life cycle of an item."""

from django.db.models import TextChoices

from requests_app.state_transitions import check_transition


class ItemState(TextChoices):
    SUBMITTED = "submitted", "waiting for review"
    RETURNED = "returned", "changes requested"
    APPROVED = "approved", "approved"
    REJECTED = "rejected", "rejected"
    WITHDRAWN = "withdrawn", "withdrawn"


ITEM_TRANSITIONS: dict[ItemState, frozenset[ItemState]] = {
    ItemState.SUBMITTED: frozenset(
        {ItemState.APPROVED, ItemState.REJECTED, ItemState.RETURNED, ItemState.WITHDRAWN}
    ),
    ItemState.RETURNED: frozenset({ItemState.SUBMITTED, ItemState.WITHDRAWN}),
    ItemState.APPROVED: frozenset(),
    ItemState.REJECTED: frozenset(),
    ItemState.WITHDRAWN: frozenset(),
}


def check_item_transition(origin: ItemState, target: ItemState) -> ItemState:
    """`target`, if the table allows it from `origin`; else IllegalTransitionError."""
    return check_transition(ITEM_TRANSITIONS, origin, target)


OPEN_ITEM_STATES = (ItemState.SUBMITTED, ItemState.RETURNED)
