"""What people see of a registration."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RegistrationStatus(TextChoices):
    """What is proven of an approved registration, besides the states without a proof."""

    REQUESTED = "requested", _("waits for a decision")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")
    REGISTERING = "registering", _("being registered")
    REGISTERED = "registered", _("registered")
    FAILED = "failed", _("failed")
    ENDING = "ending", _("ending")
    ENDED = "ended", _("ended")
