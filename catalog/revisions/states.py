"""The life cycle of a revision of a product."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.state_transitions import Transitions


class RevisionState(TextChoices):
    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    DISCARDED = "discarded", _("discarded")


REVISION_TRANSITIONS = Transitions(
    RevisionState, {RevisionState.DRAFT: {RevisionState.PUBLISHED, RevisionState.DISCARDED}}
)
