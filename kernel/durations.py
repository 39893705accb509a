"""Formatting of durations."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

DAY_MINUTES, HOUR_MINUTES = 1440, 60


def format_duration(wait: timedelta | None) -> str:
    """Rounded down, for example "3 hours", in days if it is one day or at least two; empty for None."""
    if wait is None:
        return ""
    minutes = int(wait.total_seconds() // 60)
    if minutes < 1:
        return _("less than a minute")
    if minutes == DAY_MINUTES or minutes >= 2 * DAY_MINUTES:
        return ngettext("%d day", "%d days", minutes // DAY_MINUTES) % (minutes // DAY_MINUTES)
    if minutes >= HOUR_MINUTES:
        return ngettext("%d hour", "%d hours", minutes // HOUR_MINUTES) % (minutes // HOUR_MINUTES)
    return ngettext("%d minute", "%d minutes", minutes) % minutes


def format_age(age: timedelta) -> str:
    """Like `format_duration`, with seconds below a minute."""
    seconds = max(0, int(age.total_seconds()))
    return _("%d s") % seconds if seconds < timedelta(minutes=1).seconds else format_duration(age)
