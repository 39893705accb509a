"""Measurements that leave their band."""

from datetime import timedelta

import pytest

from audit.models import Event
from catalog.quality.models import QualityAnomaly
from catalog.quality.states import MeasureKind
from tests.bank import Bank
from tests.catalog.quality.samples import NOON, store_rows

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
