"""The promised score against the latest results."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from audit.models import Event
from catalog.promises import PromiseBreach
from catalog.quality.actions import check_all_promises
from catalog.quality.models import SETTLE_TIME
from portal.quality.presenters import build_quality_view
from tests.bank import Bank
from tests.catalog.quality.samples import NOON, NOW, store

pytestmark = pytest.mark.django_db


def promise(bank: Bank, percent: str | None) -> None:
    bank.product.quality_percent = Decimal(percent) if percent else None
    bank.product.save(update_fields=["quality_percent"])


def list_verbs() -> list[str]:
    rows = Event.objects.filter(verb__in=["break_promise", "mend_promise"])
    return list(rows.order_by("pk").values_list("verb", flat=True))


def test_a_failing_rule_breaks_the_promise_and_its_repair_mends_it(bank: Bank) -> None:
    promise(bank, "95")
    store(bank.claims, 9, 1)
    breach = PromiseBreach.objects.get()
    assert (breach.promised, breach.fact) == (
        "a score of at least 95%",
        "a score of 90%, 9 of 10 rules passed",
    )
    assert breach.cause == f"{bank.claims}: bad 0"
    store(bank.claims, 9, 1, hours=1)
    store(bank.claims, 10, hours=2)
    assert list_verbs() == ["break_promise", "mend_promise"]


def test_a_late_result_changes_nothing(bank: Bank) -> None:
    promise(bank, "95")
    store(bank.claims, 10, hours=2)
    store(bank.claims, 0, 10, hours=1)
    assert not PromiseBreach.objects.exists()


@pytest.mark.parametrize(("percent", "left"), [("90", 0), (None, 0), ("99", 1)])
def test_a_new_promise_is_compared_with_what_is_there(bank: Bank, percent: Any, left: int) -> None:
    promise(bank, "95")
    store(bank.claims, 9, 1)
    promise(bank, percent)
    check_all_promises(now=NOW)
    assert PromiseBreach.objects.filter(ended_at=None).count() == left


def test_without_results_nothing_is_said(bank: Bank) -> None:
    promise(bank, "95")
    check_all_promises(now=NOW)
    assert not PromiseBreach.objects.exists()


def test_a_breach_began_with_the_result_that_broke_the_promise(bank: Bank) -> None:
    store(bank.claims, 10)
    store(bank.claims, 9, 1, hours=1)
    store(bank.claims, 8, 2, hours=2)
    promise(bank, "95")
    check_all_promises(now=NOW)
    assert PromiseBreach.objects.get().began_at == NOON + timedelta(hours=1)


DAY = 24


def get_verdict(bank: Bank, now: datetime) -> bool | None:
    """As the page of the product shows it."""
    return build_quality_view([bank.claims.pk], now, promised=Decimal(95)).keeps


def test_breaches_that_ended_long_ago_are_told_to_nobody(bank: Bank) -> None:
    promise(bank, "95")
    for day in range(400, 1, -100):
        store(bank.claims, 9, 1, hours=-day * DAY)
        assert get_verdict(bank, NOW) is None
        store(bank.claims, 10, hours=(-day + 1) * DAY)
    store(bank.claims, 10)
    assert get_verdict(bank, NOW) is True
    check_all_promises(now=NOW + SETTLE_TIME)
    assert not PromiseBreach.objects.exists()
    assert list_verbs() == []


def test_what_a_history_ends_with_is_told_once_when_no_newer_result_comes(bank: Bank) -> None:
    promise(bank, "95")
    store(bank.claims, 10, hours=-9 * DAY)
    store(bank.claims, 9, 1, hours=-2 * DAY)
    check_all_promises(now=NOW)
    assert (list_verbs(), get_verdict(bank, NOW)) == ([], None)
    after = NOW + SETTLE_TIME
    check_all_promises(now=after)
    check_all_promises(now=after)
    assert (list_verbs(), get_verdict(bank, after)) == (["break_promise"], False)
    store(bank.claims, 10)
    assert list_verbs() == ["break_promise", "mend_promise"]


def test_a_history_that_comes_in_does_not_mend_what_is_broken_now(bank: Bank) -> None:
    promise(bank, "95")
    store(bank.claims, 9, 1)
    store(bank.claims, 10, hours=-30 * DAY)
    assert (list_verbs(), get_verdict(bank, NOW)) == (["break_promise"], False)
