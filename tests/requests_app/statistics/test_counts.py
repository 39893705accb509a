"""Rows counted by period, and grants that were active over time."""

from datetime import timedelta

from audit import clock
from requests_app.grants.grant_history import count_active_grants
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState
from requests_app.statistics.counts import count_by_period
from requests_app.statistics.periods import Interval, build_periods
from tests import factories
from tests.bank import Bank, approve, submit_bank_request
from tests.database import without_triggers


def make_grant(bank: Bank, name: str, weeks_ago: int, ended_weeks_ago: int | None = None) -> Grant:
    role = factories.make_principal(bank.bi_account, name)
    grant = approve(bank, submit_bank_request(bank, principal=role, idempotency_key=name).items.get())
    now = clock.now()
    ended_at = now - timedelta(weeks=ended_weeks_ago) if ended_weeks_ago is not None else None
    with without_triggers():
        Grant.objects.filter(pk=grant.pk).update(
            granted_at=now - timedelta(weeks=weeks_ago),
            ended_at=ended_at,
            state=GrantState.LIVE if ended_at is None else GrantState.REVOKED,
        )
    return grant


def test_rows_are_counted_in_the_period_of_their_time(bank: Bank) -> None:
    for name, weeks_ago in (("a", 0), ("b", 0), ("c", 3), ("d", 50)):
        make_grant(bank, name, weeks_ago)
    counts = count_by_period(
        Grant.objects.all(), "granted_at", build_periods(None, clock.now(), Interval.WEEK)
    )
    assert counts == (0,) * 9 + (1, 0, 0, 2)


def test_a_row_without_the_time_is_not_counted(bank: Bank) -> None:
    make_grant(bank, "a", 1)
    assert sum(count_by_period(Grant.objects.all(), "ended_at", build_periods(None, clock.now()))) == 0


def test_active_grants_are_those_granted_and_not_ended(bank: Bank) -> None:
    make_grant(bank, "before the first week", 50)
    make_grant(bank, "ended before it", 50, 40)
    make_grant(bank, "ended within", 50, 2)
    make_grant(bank, "new", 1)
    active = count_active_grants(Grant.objects.all(), build_periods(None, clock.now(), Interval.WEEK))
    assert active == (2,) * 10 + (1, 2, 2)
