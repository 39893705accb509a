"""The life cycles of a term and of a proposal for one."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.state_transitions import Transitions


class TermState(TextChoices):
    DRAFT = "draft", _("draft")
    APPROVED = "approved", _("approved")
    REPLACED = "replaced", _("replaced")


TERM_TRANSITIONS = Transitions(
    TermState,
    {
        TermState.DRAFT: {TermState.APPROVED, TermState.REPLACED},
        TermState.APPROVED: {TermState.REPLACED},
        TermState.REPLACED: {TermState.APPROVED},
    },
)


class ProposalState(TextChoices):
    WAITING = "waiting", _("waiting")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")


PROPOSAL_TRANSITIONS = Transitions(
    ProposalState,
    {ProposalState.WAITING: {ProposalState.APPROVED, ProposalState.REJECTED, ProposalState.WITHDRAWN}},
)
