"""The life cycles of a scan and of a finding."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.state_transitions import Transitions


class ScanState(TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class FindingState(TextChoices):
    OPEN = "open", _("open")
    ACCEPTED = "accepted", _("accepted")
    DISMISSED = "dismissed", _("dismissed")
    SUPERSEDED = "superseded", _("superseded")


OPEN_SCAN_STATES = (ScanState.WAITING, ScanState.RUNNING)
SCAN_TRANSITIONS = Transitions(
    ScanState,
    {
        ScanState.WAITING: {ScanState.RUNNING, ScanState.DONE, ScanState.FAILED},
        ScanState.RUNNING: {ScanState.DONE, ScanState.FAILED},
    },
)
FINDING_TRANSITIONS = Transitions(
    FindingState,
    {FindingState.OPEN: {FindingState.ACCEPTED, FindingState.DISMISSED, FindingState.SUPERSEDED}},
)
