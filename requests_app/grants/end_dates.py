"""When a grant ends, in words, and whether it has ended."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState

END_TOLERANCE = timedelta(minutes=1)
"""Access is given to the minute: what ends within it ends at the same time."""


def has_ended(grant: Grant, now: datetime) -> bool:
    """By state or by time: expiry waits for nobody's row."""
    return grant.state != GrantState.LIVE or grant.ends_at <= now


_DUE_AT = "access_review_items__access_review__due_at"
REVIEW_DUE_AT = Subquery(
    Grant.objects.filter(
        pk=OuterRef("pk"), access_review_items__state="open", access_review_items__access_review__state="open"
    )
    .order_by(_DUE_AT)
    .values(_DUE_AT)[:1]
)
"""Of grants, when the first open access review ends them unless a data owner keeps them. Annotate it as `review_due_at`."""


@dataclass(frozen=True)
class NearestEnd:
    """The end that comes first. `is_by_review`: an access review ends it then, unless a data owner keeps it."""

    at: datetime
    is_by_review: bool = False


def get_nearest_end(grant: Grant) -> NearestEnd:
    """One query for a live grant without `review_due_at`, else none."""
    if grant.state != GrantState.LIVE:
        return NearestEnd(grant.ends_at)
    if "review_due_at" not in grant.__dict__:
        due = Grant.objects.filter(pk=grant.pk).values_list(REVIEW_DUE_AT, flat=True)
        grant.__dict__["review_due_at"] = due.first()
    due_at: datetime | None = grant.__dict__["review_due_at"]
    is_by_review = due_at is not None and due_at < grant.ends_at
    return NearestEnd(due_at, is_by_review=True) if due_at and is_by_review else NearestEnd(grant.ends_at)


def format_nearest_end(grant: Grant, *, short: bool = False) -> str:
    """`31 March 2027`, or `20 December 2026, unless a data owner keeps it`."""
    end = get_nearest_end(grant)
    day = format_end_date(end.at, short=short)
    return _("%(day)s, unless a data owner keeps it") % {"day": day} if end.is_by_review else day


END_OF_DAY = time(23, 59)
"""To the minute: most access is given until the end of a day, which then says all."""


def format_end_date(ends_at: datetime, *, short: bool = False) -> str:
    """`31 March 2027`; of access that ends within a day, as one for hours does, `31 March 2027, 14:30`.

    Short: `31 Mar 2027`.
    """
    local = timezone.localtime(ends_at)
    whole_day = local.time().replace(second=0, microsecond=0) == END_OF_DAY
    if whole_day:
        return date_format(local, _("j M Y") if short else _("j F Y"))
    return date_format(local, _("j M Y, H:i") if short else _("j F Y, H:i"))
