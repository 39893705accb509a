"""The promised score against the latest results."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from audit.models import Event
from catalog.promises.models import PromiseBreach
from catalog.quality.actions import check_all_promises
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
        "a score of 90.0%, 9 of 10 rules passed",
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
