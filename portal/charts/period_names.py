"""Periods in words."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from requests_app.statistics.periods import Interval, Periods


def list_period_names(periods: Periods) -> tuple[str, ...]:
    """What stands on the axis: an hour, a day, or the first day of a week."""
    wanted = "H:i" if periods.interval is Interval.HOUR else _("j M")
    return tuple(date_format(start, wanted) for start in periods.starts)


def describe_axis(interval: Interval) -> str:
    return {
        Interval.HOUR: _("Hour from"),
        Interval.DAY: _("Day"),
        Interval.WEEK: _("Week from"),
    }[interval]
