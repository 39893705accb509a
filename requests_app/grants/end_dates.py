"""When a grant ends, in words, and whether it has ended."""

from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format

from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState

END_TOLERANCE = timedelta(minutes=1)
"""Access is given to the minute: what ends within it ends at the same time."""


def has_ended(grant: Grant, now: datetime) -> bool:
    """By state or by time: expiry waits for nobody's row."""
    return grant.state != GrantState.LIVE or grant.ends_at <= now


END_OF_DAY = time(23, 59)
"""To the minute: most access is given until the end of a day, which then says all."""


def format_end_date(ends_at: datetime, *, month: str = "F") -> str:
    """`31 March 2027`; of access that ends within a day, as one for hours does, `31 March 2027, 14:30`.

    `month` is Django's letter for how it is written: `F` in full, `M` short.
    """
    local = timezone.localtime(ends_at)
    whole_day = local.time().replace(second=0, microsecond=0) == END_OF_DAY
    return date_format(local, f"j {month} Y" if whole_day else f"j {month} Y, H:i")
