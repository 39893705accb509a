"""What people see of a tag change. What AWS says of an approved one is its intent's presence."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class TagChangeStatus(TextChoices):
    PENDING = "pending", _("waits for approval")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")
    APPLYING = "applying", _("being applied")
    APPLIED = "applied", _("applied")
    REPLACED = "replaced", _("replaced")
    OUTDATED = "outdated", _("not applied")
    FAILED = "failed", _("failed")
