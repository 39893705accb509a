"""Results are kept once, and the latest by its time counts."""

import itertools
from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.quality.models import QualityResult, QualityRuleset, QualitySource, Score, delete_old_quality
from catalog.quality.queries import find_scores, list_rulesets, read_trend
from catalog.quality.writer import compute_current_score
from tests.bank import Bank
from tests.catalog.quality.samples import NOON, NOW, store
from tests.database import as_role

pytestmark = pytest.mark.django_db


def test_the_same_result_is_kept_once(bank: Bank) -> None:
    first, again = store(bank.claims, 3, 1), store(bank.claims, 3, 1)
    assert (first.is_new, again.is_new) == (True, False)
    assert first.result.pk == again.result.pk
    assert QualityResult.objects.count() == 1


def test_the_order_of_arrival_does_not_matter(bank: Bank) -> None:
    for order in itertools.permutations([(0, 4, 0), (1, 2, 2), (2, 3, 1)]):
        for hour, passed, failed in order:
            store(bank.claims, passed, failed, hours=hour, ruleset=str(order))
    assert find_scores([bank.claims.pk]) == {bank.claims.pk: Score(6 * 3, 6 * 4)}


def test_the_score_adds_the_latest_results_of_rulesets(bank: Bank) -> None:
    store(bank.claims, 0, 9)
    store(bank.claims, 1, 1, hours=1)
    store(bank.claims, 8, 0, source=QualitySource.DBT)
    rulesets = list_rulesets([bank.claims.pk])
    assert compute_current_score(rulesets) == Score(9, 10)
    trend = read_trend([bank.claims.pk], 3, NOW)
    assert trend[-1][1] == Score(9, 10)
    assert trend[0] == (timezone.localdate(NOW) - timedelta(days=2), None)


def test_old_results_are_deleted_but_the_latest(bank: Bank) -> None:
    store(bank.claims, 1)
    store(bank.claims, 2, hours=1)
    with as_role("meshmarket_worker"):
        delete_old_quality(now=NOON + timedelta(days=200))
    assert [row.passed for row in QualityResult.objects.all()] == [2]
    with as_role("meshmarket_worker"):
        delete_old_quality(now=NOON + timedelta(days=500))
    assert not QualityRuleset.objects.exists()
