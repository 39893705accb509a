"""Promises that break and are mended: what is stored, and who is told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from audit.models import Event
from catalog.follows import follow_product
from catalog.products.models import DataProduct
from catalog.promises import (
    MAX_TEXT_LENGTH,
    PromiseBreach,
    PromiseKind,
    find_open_breaches,
    list_product_breaches,
    record_promise_state,
)
from demo.embedded.database_roles import WORKER
from kernel import clock
from requests_app.notifications.models import Notification
from tests.bank import Bank, approve, make_bank, submit_bank_item
from tests.database import TestDatabase, as_role
from tests.product_lifecycle import deprecate
from tests.requests_app.notifications.projection import project_all_events

AT_ONCE = 8


def say(bank: Bank, *, broken: bool = True, **changes: Any) -> PromiseBreach | None:
    said: dict[str, Any] = {
        "product": bank.product,
        "kind": PromiseKind.FRESHNESS,
        "promised": "at most 24 hours old",
        "fact": "31 hours old" if broken else "2 hours old",
        "cause": "The last run of load_claims failed.",
        "now": clock.now(),
    }
    return record_promise_state(broken=broken, **said | changes)


def list_verbs() -> list[str]:
    rows = Event.objects.filter(actor="engine:promises").order_by("pk")
    return list(rows.values_list("verb", flat=True))


def list_told(verb: str) -> list[str]:
    project_all_events()
    rows = Notification.objects.filter(event__verb=verb, channel="portal").order_by("person__name")
    return [one.person.name for one in rows.select_related("person")]


def test_a_breach_opens_once_follows_the_facts_and_ends_once(bank: Bank) -> None:
    assert say(bank, broken=False) is None
    with as_role(WORKER):
        first = say(bank)
        assert first is not None
        kept = say(bank, fact="32 hours old")
        assert kept is not None
        assert (kept.pk, kept.fact, kept.began_at) == (first.pk, "32 hours old", first.began_at)
        assert say(bank, broken=False) is None
        assert say(bank, broken=False) is None
    breach = PromiseBreach.objects.get()
    assert breach.ended_at is not None
    assert breach.fact == "32 hours old"
    assert list_verbs() == ["break_promise", "mend_promise"]


def test_owners_consumers_and_followers_are_told_once_of_each(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    follow_product(acting_user=bank.greta, slug=bank.product.slug, now=clock.now())
    for _time in range(3):
        say(bank)
    everybody = ["Ana Keller", "Greta Ruiz", "Ines Roth", "Ivo Lang"]
    assert list_told("break_promise") == everybody
    told = Notification.objects.filter(event__verb="break_promise").first()
    assert told is not None
    assert (told.page, told.page_id) == ("data-product-by-id", bank.product.pk)
    began_at = f"{PromiseBreach.objects.get().began_at:%Y-%m-%d %H:%M} UTC"
    text = "Claims doesn't keep what it promises: 31 hours old; promised: at most 24 hours old; since"
    assert told.text == f"{text} {began_at}"
    for _time in range(2):
        say(bank, broken=False)
    assert list_told("mend_promise") == everybody


def test_a_promise_that_flaps_has_a_breach_for_each_time(bank: Bank) -> None:
    start = clock.now()
    for hour in range(6):
        say(bank, broken=hour % 2 == 0, now=start + timedelta(hours=hour))
    history = list_product_breaches(bank.product)
    assert [(one.began_at, one.ended_at) for one in history] == [
        (start + timedelta(hours=hour), start + timedelta(hours=hour + 1)) for hour in (4, 2, 0)
    ]
    assert len(list_verbs()) == 6


def test_kinds_are_apart(bank: Bank) -> None:
    say(bank)
    say(bank, kind="quality", promised="at least 99% complete", fact="97.1% complete")
    say(bank, broken=False)
    open_ones = find_open_breaches([bank.product])
    assert [one.kind for one in open_ones[bank.product.pk]] == ["quality"]
    assert find_open_breaches([]) == {}


def test_a_finding_that_comes_late_changes_nothing(bank: Bank) -> None:
    now = clock.now()
    say(bank, now=now)
    kept = say(bank, fact="30 hours old", now=now - timedelta(hours=1))
    assert kept is not None
    assert kept.fact == "31 hours old"
    say(bank, broken=False, now=now - timedelta(hours=1))
    assert PromiseBreach.objects.get().ended_at == now


def test_a_retired_product_promises_nothing_any_more(bank: Bank) -> None:
    say(bank)
    retire(bank, clock.now())
    assert say(bank) is None
    assert PromiseBreach.objects.get().ended_at is not None
    assert say(bank) is None
    assert list_verbs() == ["break_promise", "close_promise_breach"]
    assert list_told("close_promise_breach") == []


def test_a_draft_promises_nothing_yet(bank: Bank) -> None:
    DataProduct.objects.filter(pk=bank.product.pk).update(is_published=False)
    assert say(bank) is None
    assert not list_verbs()


def test_long_texts_are_cut(bank: Bank) -> None:
    breach = say(bank, fact="old \n" * 200)
    assert breach is not None
    assert len(breach.fact) == MAX_TEXT_LENGTH
    assert breach.fact.endswith("…")


def test_the_database_allows_one_open_breach_of_a_kind(bank: Bank) -> None:
    breach = say(bank)
    assert breach is not None
    breach.pk = None
    with pytest.raises(IntegrityError, match="promise_breach_open_once"), transaction.atomic():
        breach.save(force_insert=True)


@pytest.mark.parametrize("role", ["meshmarket_web", WORKER])
def test_nobody_rewrites_when_it_began(bank: Bank, role: str) -> None:
    say(bank)
    with as_role(role), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        PromiseBreach.objects.update(began_at=clock.now())


@pytest.mark.all
def test_two_workers_that_find_the_same_open_one_breach(committed: TestDatabase) -> None:
    bank = make_bank()

    def call(number: int) -> None:
        try:
            say(bank, broken=number % 4 != 3)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(call, range(AT_ONCE * 4)))
    assert PromiseBreach.objects.filter(ended_at=None).count() <= 1
    began = Event.objects.filter(verb="break_promise").count()
    ended = Event.objects.filter(verb="mend_promise").count()
    assert PromiseBreach.objects.count() == began
    assert PromiseBreach.objects.filter(ended_at__isnull=False).count() == ended


def retire(bank: Bank, now: datetime) -> None:
    deprecate(bank)
    DataProduct.objects.filter(pk=bank.product.pk).update(is_published=False, retired_at=now, retires_at=None)
