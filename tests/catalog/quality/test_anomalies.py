"""Measurements that leave their band."""

from datetime import timedelta

import pytest

from audit.models import Event
from catalog.quality.actions import report_all_anomalies, store_results
from catalog.quality.models import SETTLE_TIME, MeasureKind, QualityAnomaly
from catalog.quality.results import MeasureFact
from tests.bank import Bank
from tests.catalog.quality.samples import NOON, NOW, incoming, rules, store_rows

pytestmark = pytest.mark.django_db
CALM = [1000.0, 1010, 990, 1005, 1000, 995, 1002, 1001]


def count_events() -> int:
    return Event.objects.filter(verb="find_quality_anomaly").count()


def test_the_owner_is_told_once_an_episode(bank: Bank) -> None:
    store_rows(bank.claims, [*CALM, 10, 12])
    anomaly = QualityAnomaly.objects.get()
    assert (anomaly.kind, anomaly.value, anomaly.ended_at) == (MeasureKind.ROWS, 12, None)
    assert anomaly.low > 12
    event = Event.objects.get(verb="find_quality_anomaly")
    assert event.data["people"] == sorted([bank.ines.pk, bank.ivo.pk])
    store_rows(bank.claims, [1000], start=10)
    anomaly.refresh_from_db()
    assert anomaly.ended_at == NOON + timedelta(hours=10)
    store_rows(bank.claims, [5], start=11)
    assert count_events() == 2


def test_few_values_are_not_judged(bank: Bank) -> None:
    store_rows(bank.claims, [*CALM[:6], 10])
    assert not QualityAnomaly.objects.exists()


def test_a_late_value_opens_no_episode(bank: Bank) -> None:
    store_rows(bank.claims, CALM)
    store_rows(bank.claims, [10], start=-1)
    assert not QualityAnomaly.objects.exists()


def test_a_new_level_ends_the_episode(bank: Bank) -> None:
    store_rows(bank.claims, CALM)
    store_rows(bank.claims, [5000.0 + number for number in range(20)], start=8)
    assert count_events() == 1
    assert not QualityAnomaly.objects.filter(ended_at=None).exists()


def test_of_a_history_only_what_is_unusual_at_its_end_is_told(bank: Bank) -> None:
    """Two episodes of the last week: one has ended, one lasts."""
    for day, count in zip(range(-13, -1), [*CALM, 10, 1000, 1003, 12], strict=True):
        store_rows(bank.claims, [count], start=day * 24)
    report_all_anomalies(now=NOW)
    assert (QualityAnomaly.objects.count(), count_events()) == (2, 0)
    for _ in range(2):
        report_all_anomalies(now=NOW + SETTLE_TIME)
    event = Event.objects.get(verb="find_quality_anomaly")
    assert event.subject == QualityAnomaly.objects.get(ended_at=None).subject
    assert event.data["people"] == sorted([bank.ines.pk, bank.ivo.pk])
    store_rows(bank.claims, [11])
    assert count_events() == 1


def test_what_a_reading_finds_within_a_day_is_told_at_its_end(bank: Bank) -> None:
    """Whoever reads results in batches reports afterwards."""
    for hour, count in enumerate([*CALM, 10, 1000, 11]):
        facts = [MeasureFact(MeasureKind.ROWS, count)]
        store_results(
            incoming=[incoming(bank.claims, rules(1), hours=hour, measures=facts)], now=NOW, tells=False
        )
    assert count_events() == 0
    report_all_anomalies(now=NOW)
    assert Event.objects.get(verb="find_quality_anomaly").data["value"] == 11


def test_nobody_is_told_of_what_was_last_measured_long_ago(bank: Bank) -> None:
    for day, count in zip(range(-40, -31), [*CALM, 10], strict=True):
        store_rows(bank.claims, [count], start=day * 24)
    report_all_anomalies(now=NOW + SETTLE_TIME)
    assert Event.objects.get(verb="find_quality_anomaly").data["people"] == []
