"""Periods: short ones while everything is new, longer ones later, never more than the window."""

from datetime import UTC, datetime, timedelta

import pytest

from requests_app.statistics.periods import WINDOW, Interval, build_periods

NOW = datetime(2026, 11, 26, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "interval"),
    [
        (timedelta(minutes=1), Interval.HOUR),
        (timedelta(hours=22), Interval.HOUR),
        (timedelta(days=3), Interval.DAY),
        (timedelta(days=60), Interval.WEEK),
        (timedelta(days=900), Interval.WEEK),
    ],
)
def test_the_shortest_interval_that_reaches_back_is_taken(age: timedelta, interval: Interval) -> None:
    periods = build_periods(NOW - age, NOW)
    assert periods.interval is interval
    assert periods.starts[0] > NOW - WINDOW - timedelta(weeks=1)
    assert periods.starts[-1] <= NOW


def test_a_week_begins_on_monday_and_a_time_is_in_one_period() -> None:
    periods = build_periods(None, NOW, Interval.WEEK)
    assert all(start.weekday() == 0 for start in periods.starts)
    assert periods.find_place(NOW) == len(periods.starts) - 1
    assert periods.find_place(periods.starts[3]) == 3
    assert periods.find_place(NOW - timedelta(days=200)) is None
