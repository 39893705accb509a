"""When a grant ends, in words, and whether it has ended."""

from datetime import datetime, time, timedelta

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
