"""Rows counted by period, and grants that were active over time."""

from datetime import timedelta

from kernel import clock
from requests_app.grants.actions import revoke_grant
from requests_app.grants.grant_history import count_active_grants
from requests_app.grants.models import Grant
from requests_app.statistics.counts import count_by_period
from requests_app.statistics.periods import Interval, build_periods
from tests import factories
from tests.bank import Bank, approve, submit_bank_request


def make_grant(bank: Bank, name: str, weeks_ago: int, ended_weeks_ago: int | None = None) -> None:
    role, now = factories.make_principal(bank.bi_account, name), clock.now()
    granted_at = now - timedelta(weeks=weeks_ago)
    item = submit_bank_request(bank, principal=role, idempotency_key=name, now=granted_at).items.get()
    grant = approve(bank, item, now=granted_at)
    if ended_weeks_ago is not None:
        ended_at = now - timedelta(weeks=ended_weeks_ago)
        revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="No longer needed", now=ended_at)


def test_rows_are_counted_in_the_period_of_their_time(bank: Bank) -> None:
    for name, weeks_ago in (("a", 0), ("b", 0), ("c", 3), ("d", 40)):
        make_grant(bank, name, weeks_ago)
    counts = count_by_period(
        Grant.objects.all(), "granted_at", build_periods(None, clock.now(), Interval.WEEK)
    )
    assert counts == (0,) * 9 + (1, 0, 0, 2)


def test_a_row_without_the_time_is_not_counted(bank: Bank) -> None:
    make_grant(bank, "a", 1)
    assert sum(count_by_period(Grant.objects.all(), "ended_at", build_periods(None, clock.now()))) == 0


def test_active_grants_are_those_granted_and_not_ended(bank: Bank) -> None:
    make_grant(bank, "before the first week", 40)
    make_grant(bank, "ended before it", 40, 30)
    make_grant(bank, "ended within", 40, 2)
    make_grant(bank, "new", 1)
    active = count_active_grants(Grant.objects.all(), build_periods(None, clock.now(), Interval.WEEK))
    assert active == (2,) * 10 + (1, 2, 2)
