"""States of a run, as OpenLineage's `eventType` names them. Pure."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RunState(TextChoices):
    """In the order in which they rank at the same time."""

    OTHER = "other", _("not known")
    START = "start", _("started")
    RUNNING = "running", _("running")
    ABORT = "abort", _("stopped")
    FAIL = "fail", _("failed")
    COMPLETE = "complete", _("succeeded")


TERMINAL_STATES = (RunState.ABORT, RunState.FAIL, RunState.COMPLETE)
RANKS = {state.value: rank for rank, state in enumerate(RunState)}


class MatchKind(TextChoices):
    """How a dataset was matched to a table of the mirror."""

    PENDING = "pending", _("not tried yet")
    NONE = "none", _("no table found")
    ARN = "arn", _("by its ARN")
    SYMLINK = "symlink", _("by a symlink")
    LOCATION = "location", _("by its S3 location")
    HAND = "hand", _("by hand")
    HAND_NONE = "hand_none", _("unmatched by hand")


BY_HAND = (MatchKind.HAND, MatchKind.HAND_NONE)
RETRIED = (MatchKind.PENDING, MatchKind.NONE, MatchKind.LOCATION)
"""Tried again after a sync: a new table may fit, or fit better."""
UNMATCHED = (MatchKind.PENDING, MatchKind.NONE, MatchKind.HAND_NONE)


class JobKind(TextChoices):
    PIPELINE = "pipeline", _("pipeline")
    VIEW = "view", _("view")
