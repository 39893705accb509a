"""When a decision is due, in words."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

HOURS_PER_DAY = 24


@dataclass(frozen=True)
class DueTime:
    """When a decision is due, in words. `is_close`: within a day, or overdue."""

    at: datetime
    text: str
    is_close: bool


def describe_due_time(due_at: datetime | None, now: datetime) -> DueTime | None:
    """In hours within a day, else the day. None where none is promised."""
    if due_at is None:
        return None
    left = due_at - now
    if left < timedelta(0):
        return DueTime(due_at, _("overdue"), is_close=True)
    hours = left // timedelta(hours=1)
    if hours >= HOURS_PER_DAY:
        return DueTime(
            due_at, _("due %(day)s") % {"day": date_format(localtime(due_at), _("j M"))}, is_close=False
        )
    soon = ngettext("due in %(n)d hour", "due in %(n)d hours", hours) % {"n": hours}
    return DueTime(due_at, soon if hours else _("due within the hour"), is_close=True)
