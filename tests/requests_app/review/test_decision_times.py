from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kernel import clock
from requests_app.review.decision_history import (
    DecisionTime,
    compute_decision_times,
    describe_decision_time,
    get_decision_time,
)
from tests import factories
from tests.bank import Bank, approve, decide_ten_times, submit_bank_item

pytestmark = pytest.mark.django_db


def test_the_median_of_decisions_and_their_count_are_told_for_all_teams_in_one_query(bank: Bank) -> None:
    decide_ten_times(bank)
    late = factories.make_principal(bank.bi_account, "late")
    now = clock.now()
    approve(
        bank,
        submit_bank_item(bank, principal=late, idempotency_key="late", now=now - timedelta(days=9)),
        now=now,
    )
    with CaptureQueriesContext(connection) as caught:
        times = compute_decision_times({bank.insurance.pk, bank.bi.pk})
    assert (times, len(caught)) == ({bank.insurance.pk: DecisionTime(timedelta(days=2), 11)}, 1)


def test_nothing_is_claimed_of_few_decisions_or_of_old_ones(bank: Bank) -> None:
    decide_ten_times(bank, days_ago=89)
    assert get_decision_time(bank.insurance.pk) is None
    assert get_decision_time(None) is None
    assert compute_decision_times([]) == {}


def test_decisions_on_a_table_of_a_product_count_for_the_products_domain(bank: Bank) -> None:
    decide_ten_times(bank)
    bank.claims.database.domain = None
    bank.claims.database.save()
    assert get_decision_time(bank.insurance.pk) == DecisionTime(timedelta(days=2), 10)


def test_the_time_is_told_with_the_number_of_decisions_that_it_rests_on() -> None:
    assert (
        describe_decision_time(DecisionTime(timedelta(hours=9), 12))
        == "9 hours (median of 12 decisions in 90 days)"
    )
    assert describe_decision_time(None) == ""
