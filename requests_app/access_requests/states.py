"""The life cycle of an item."""

from django.db.models import TextChoices

from identity.state_transitions import Transitions


class ItemState(TextChoices):
    SUBMITTED = "submitted", "waiting for review"
    RETURNED = "returned", "changes requested"
    APPROVED = "approved", "approved"
    REJECTED = "rejected", "rejected"
    WITHDRAWN = "withdrawn", "withdrawn"


ITEM_TRANSITIONS = Transitions(
    ItemState,
    {
        ItemState.SUBMITTED: {
            ItemState.APPROVED,
            ItemState.REJECTED,
            ItemState.RETURNED,
            ItemState.WITHDRAWN,
        },
        ItemState.RETURNED: {ItemState.SUBMITTED, ItemState.WITHDRAWN},
    },
)


OPEN_ITEM_STATES = (ItemState.SUBMITTED, ItemState.RETURNED)
