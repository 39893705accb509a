"""An end is told to the minute where the day alone does not say it."""

from datetime import UTC, datetime

import pytest

from requests_app.grants.end_dates import format_end_date

LAST = datetime(2027, 3, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ends_at", "said"),
    [(LAST, "31 March 2027"), (datetime(2026, 11, 20, 17, 30, tzinfo=UTC), "20 November 2026, 17:30")],
)
def test_the_time_stands_where_access_ends_within_a_day(ends_at: datetime, said: str) -> None:
    assert format_end_date(ends_at) == said


def test_the_month_may_be_short() -> None:
    assert format_end_date(LAST, month="M") == "31 Mar 2027"
