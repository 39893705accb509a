"""The life cycle of a schema update."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.state_transitions import Transitions


class SchemaUpdateState(TextChoices):
    PROPOSED = "proposed", _("waits for a decision")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    REPLACED = "replaced", _("replaced by a later change")


SCHEMA_UPDATE_TRANSITIONS = Transitions(
    SchemaUpdateState,
    {
        SchemaUpdateState.PROPOSED: {
            SchemaUpdateState.APPROVED,
            SchemaUpdateState.REJECTED,
            SchemaUpdateState.REPLACED,
        },
    },
)
