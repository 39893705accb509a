"""Scores and their trend."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.quality.models import DayCount, Score, add_scores, build_trend, compute_score

FIRST = date(2026, 3, 1)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.integers(1, 10_000), st.data())
def test_a_score_is_a_hundred_only_if_every_rule_passed(evaluated: int, data: st.DataObject) -> None:
    passed = data.draw(st.integers(0, evaluated))
    score = compute_score(passed, evaluated)
    assert 0 <= score <= 100
    assert (score == 100) == (passed == evaluated)


def test_a_promise_is_compared_exactly() -> None:
    assert Score(19, 20).keeps(Decimal(95))
    assert not Score(1899, 2000).keeps(Decimal(95))
    assert compute_score(1899, 2000) == Decimal("94.9")


def test_rulesets_add_up_by_their_rules() -> None:
    assert add_scores([(1, 2), (8, 8)]) == Score(9, 10)
    assert add_scores([]) is None


def test_a_ruleset_counts_until_its_next_result() -> None:
    counts = [
        DayCount(1, FIRST - timedelta(days=3), 1, 2),
        DayCount(2, FIRST + timedelta(days=1), 4, 4),
        DayCount(1, FIRST + timedelta(days=2), 2, 2),
    ]
    trend = [score for _day, score in build_trend(counts, FIRST, FIRST + timedelta(days=3))]
    assert trend == [Score(1, 2), Score(5, 6), Score(6, 6), Score(6, 6)]


def test_a_day_before_the_first_result_has_no_score() -> None:
    trend = build_trend([DayCount(1, FIRST, 1, 1)], FIRST - timedelta(days=1), FIRST)
    assert [score for _day, score in trend] == [None, Score(1, 1)]
