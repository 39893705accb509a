"""When access ends, in words: the day, with its time where the time matters."""

from datetime import datetime, time

from django.utils import timezone
from django.utils.formats import date_format

END_OF_DAY = time(23, 59)
"""To the minute: most access is given until the end of a day, which then says all."""


def end_in_words(ends_at: datetime, *, month: str = "F") -> str:
    """`31 March 2027`; of access that ends within a day, as one for hours does, `31 March 2027, 14:30`.

    `month` is Django's letter for how it is written: `F` in full, `M` short.
    """
    local = timezone.localtime(ends_at)
    whole_day = local.time().replace(second=0, microsecond=0) == END_OF_DAY
    return date_format(local, f"j {month} Y" if whole_day else f"j {month} Y, H:i")
