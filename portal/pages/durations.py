"""Durations in words."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def in_words(wait: timedelta | None) -> str:
    """How long people usually wait, or nothing when nobody has waited yet."""
    if wait is None:
        return ""
    minutes = int(wait.total_seconds() // 60)
    if minutes < 1:
        return _("less than a minute")
    for size, one, many in ((1440, "%d day", "%d days"), (60, "%d hour", "%d hours")):
        if minutes >= size:
            return ngettext(one, many, round(minutes / size)) % round(minutes / size)
    return ngettext("%d minute", "%d minutes", minutes) % minutes
