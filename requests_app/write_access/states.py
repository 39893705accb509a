"""What people see of a write request."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class WriteRequestStatus(TextChoices):
    """What is proven of an approved request, besides the states without a proof."""

    REQUESTED = "requested", _("waits for a decision")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")
    GRANTING = "granting", _("being granted")
    ACTIVE = "active", _("active")
    FAILED = "failed", _("failed")
    ENDING = "ending", _("ending")
    ENDED = "ended", _("ended")
