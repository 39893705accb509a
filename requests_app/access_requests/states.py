"""The life cycle of an item."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.state_transitions import Transitions


class ItemState(TextChoices):
    SUBMITTED = "submitted", _("waiting for review")
    RETURNED = "returned", _("changes requested")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")


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
