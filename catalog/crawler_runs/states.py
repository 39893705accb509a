"""The life cycle of a crawler run, and why one failed."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.state_transitions import Transitions


class CrawlerRunState(TextChoices):
    REQUESTED = "requested", _("requested")
    RUNNING = "running", _("running")
    SUCCEEDED = "succeeded", _("succeeded")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class CrawlerRunProblem(TextChoices):
    """The case of a failure; the page of a run says what to do about each."""

    NONE = "", ""
    NOT_ALLOWED = "not_allowed", _("the person may no longer start it")
    DENIED = "denied", _("AWS refused it")
    ABSENT = "absent", _("the crawler does not exist")
    BUSY = "busy", _("the crawler was already running")
    REFUSED = "refused", _("AWS did not accept it")
    CRAWL_FAILED = "crawl_failed", _("the crawler failed")
    TOO_LONG = "too_long", _("it did not end in time")
    UNREAD = "unread", _("the catalog could not be read")
    UNEXPECTED = "unexpected", _("an unexpected error")


OPEN_RUN_STATES = (CrawlerRunState.REQUESTED, CrawlerRunState.RUNNING)
CRAWLER_RUN_TRANSITIONS = Transitions(
    CrawlerRunState,
    {
        CrawlerRunState.REQUESTED: {CrawlerRunState.RUNNING, CrawlerRunState.FAILED},
        CrawlerRunState.RUNNING: {
            CrawlerRunState.SUCCEEDED,
            CrawlerRunState.FAILED,
            CrawlerRunState.CANCELLED,
        },
    },
)
