"""An end is told to the minute where the day alone does not say it."""

from datetime import UTC, datetime, timedelta

import pytest

from requests_app.grants.end_dates import format_end_date, has_ended
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState

LAST = datetime(2027, 3, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ends_at", "said"),
    [(LAST, "31 March 2027"), (datetime(2026, 11, 20, 17, 30, tzinfo=UTC), "20 November 2026, 17:30")],
)
def test_the_time_stands_where_access_ends_within_a_day(ends_at: datetime, said: str) -> None:
    assert format_end_date(ends_at) == said


def test_the_month_may_be_short() -> None:
    assert format_end_date(LAST, short=True) == "31 Mar 2027"


def test_a_grant_has_ended_at_its_end_whatever_its_row_says() -> None:
    live = Grant(state=GrantState.LIVE, ends_at=LAST)
    assert (has_ended(live, LAST - timedelta(seconds=1)), has_ended(live, LAST)) == (False, True)
    assert has_ended(Grant(state=GrantState.REVOKED, ends_at=LAST), LAST - timedelta(days=1))
