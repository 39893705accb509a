"""The life cycle of a comparison, and why one told nothing."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.state_transitions import Transitions


class ComparisonState(TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    SAME = "same", _("the rows are the same")
    DIFFERENT = "different", _("the rows are different")
    UNKNOWN = "unknown", _("could not be compared")


class ComparisonProblem(TextChoices):
    """Why nothing is known; the page of the registration says what to do about each."""

    NONE = "", ""
    NOT_ALLOWED = "not_allowed", _("the person may no longer request it")
    NOT_REGISTERED = "not_registered", _("the table is not registered as it was approved")
    NO_SOURCE = "no_source", _("the source is not known")
    OTHER_REGION = "other_region", _("the source is in another region or a nested catalog")
    NO_ROWS = "no_rows", _("the source has no rows")
    NOT_TRUSTED = "not_trusted", _("the role does not trust the workers")
    NO_SCAN_LIMIT = "no_scan_limit", _("the workgroup does not limit what a query scans")
    SOURCE_REFUSED = "source_refused", _("the role may not read the source")
    TABLE_REFUSED = "table_refused", _("the role may not read the registered table")
    TOO_LONG = "too_long", _("it did not end in time")
    ATHENA_FAILED = "athena_failed", _("the query failed in Athena")
    UNEXPECTED = "unexpected", _("an unexpected error")


OPEN_COMPARISON_STATES = (ComparisonState.WAITING, ComparisonState.RUNNING)
COMPARISON_TRANSITIONS = Transitions(
    ComparisonState,
    {
        ComparisonState.WAITING: {ComparisonState.RUNNING, ComparisonState.UNKNOWN},
        ComparisonState.RUNNING: {
            ComparisonState.SAME,
            ComparisonState.DIFFERENT,
            ComparisonState.UNKNOWN,
        },
    },
)
