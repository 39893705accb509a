"""Hours, days or weeks in which things are counted."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.timezone import localtime

WINDOW = timedelta(days=90)
"""Nothing older is counted."""
MIN_MEASURED = 5
"""Of fewer no usual time is told: their median changes with each one, and says how long one person took."""


class Interval(StrEnum):
    """The length of a period."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


MOST_PERIODS = {Interval.HOUR: 24, Interval.DAY: 21, Interval.WEEK: 13}
LENGTHS = {
    Interval.HOUR: timedelta(hours=1),
    Interval.DAY: timedelta(days=1),
    Interval.WEEK: timedelta(weeks=1),
}


@dataclass(frozen=True)
class Periods:
    """`starts` are in local time, the earliest first; the last one is not over yet, at `until`."""

    interval: Interval
    starts: tuple[datetime, ...]
    until: datetime

    def find_place(self, at: datetime) -> int | None:
        """Which period a time is in; None before the first."""
        place = bisect_right(self.starts, at) - 1
        return place if place >= 0 else None


def build_periods(first: datetime | None, now: datetime, interval: Interval | None = None) -> Periods:
    """The last periods up to now. The shortest ones that reach back to `first`, unless an interval is named."""
    if interval is None:
        age = now - first if first else timedelta()
        fitting = (one for one in Interval if LENGTHS[one] * (MOST_PERIODS[one] - 1) >= age)
        interval = next(fitting, Interval.WEEK)
    start = _find_start(localtime(now), interval)
    starts = tuple(
        _find_start(start - LENGTHS[interval] * place, interval) for place in range(MOST_PERIODS[interval])
    )
    return Periods(interval, tuple(sorted(set(starts))), now)


def _find_start(at: datetime, interval: Interval) -> datetime:
    if interval is Interval.HOUR:
        return at.replace(minute=0, second=0, microsecond=0)
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday()) if interval is Interval.WEEK else day
