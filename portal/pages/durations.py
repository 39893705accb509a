"""Formatting of durations."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def format_duration(wait: timedelta | None) -> str:
    """For example "3 hours"; empty for None."""
    if wait is None:
        return ""
    minutes = int(wait.total_seconds() // 60)
    if minutes < 1:
        return _("less than a minute")
    for size, one, many in ((1440, "%d day", "%d days"), (60, "%d hour", "%d hours")):
        if minutes >= size:
            return ngettext(one, many, round(minutes / size)) % round(minutes / size)
    return ngettext("%d minute", "%d minutes", minutes) % minutes


def format_age(age: timedelta) -> str:
    """Like `format_duration`, with seconds below a minute."""
    seconds = max(0, int(age.total_seconds()))
    return _("%d s") % seconds if seconds < timedelta(minutes=1).seconds else format_duration(age)
