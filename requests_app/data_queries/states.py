"""The life cycle of a query, and why one failed."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.state_transitions import Transitions


class QueryState(TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    SUCCEEDED = "succeeded", _("succeeded")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class QueryProblem(TextChoices):
    """The case of a failure; the page and the API say what to do about each."""

    NONE = "", ""
    NOT_TRUSTED = "not_trusted", _("the role does not trust the workers")
    ACCESS_ENDED = "access_ended", _("the access has ended")
    NO_SCAN_LIMIT = "no_scan_limit", _("the workgroup does not limit what a query scans")
    TOO_LONG = "too_long", _("it did not end in time")
    TOO_LARGE = "too_large", _("the result is too large")
    ATHENA_REFUSED = "athena_refused", _("Athena refused it")
    ATHENA_FAILED = "athena_failed", _("the query failed in Athena")
    UNEXPECTED = "unexpected", _("an unexpected error")


OPEN_QUERY_STATES = (QueryState.WAITING, QueryState.RUNNING)
QUERY_TRANSITIONS = Transitions(
    QueryState,
    {
        QueryState.WAITING: {QueryState.RUNNING, QueryState.FAILED, QueryState.CANCELLED},
        QueryState.RUNNING: {QueryState.SUCCEEDED, QueryState.FAILED, QueryState.CANCELLED},
    },
)
