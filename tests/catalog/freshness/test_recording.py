"""What a reading means for the products of a table."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from audit.models import Event
from catalog.freshness import (
    KEPT_DAYS,
    FreshnessDay,
    FreshnessSource,
    TableFreshness,
    build_product_freshness,
    delete_old_days,
    find_last_write,
    list_due_tables,
    list_product_tables,
)
from catalog.lineage.models import LineageDataset
from catalog.mirror.models import Table
from catalog.products.models import DataProduct, ProductTable
from catalog.promises import PromiseBreach
from kernel import clock
from tests import factories
from tests.bank import Bank
from tests.catalog.lineage.samples import NOON, run_event, send
from tests.database import as_role
from tests.freshness import promise, read_claims


def get_breach() -> PromiseBreach | None:
    return PromiseBreach.objects.filter(ended_at=None).first()


def test_old_data_breaks_the_promise_and_new_data_mends_it(bank: Bank) -> None:
    promise(bank, 24)
    read_claims(bank, 2)
    assert get_breach() is None
    read_claims(bank, 31)
    breach = get_breach()
    assert breach is not None
    assert (breach.promised, breach.fact) == (
        "at most 1 day old", "insurance_gold.claims is 31 hours old by its newest S3 object",
    )  # fmt: skip
    assert breach.checked_at - breach.began_at == timedelta(hours=7)
    read_claims(bank, 100)
    read_claims(bank, 0.5)
    assert get_breach() is None
    verbs = Event.objects.filter(actor="engine:promises").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["break_promise", "mend_promise"]


@pytest.mark.parametrize(
    ("hours", "source"), [(None, FreshnessSource.S3_OBJECT), (90, FreshnessSource.GLUE_UPDATE)]
)
def test_what_is_not_known_neither_breaks_nor_mends(
    bank: Bank, hours: float | None, source: FreshnessSource
) -> None:
    promise(bank, 24)
    read_claims(bank, hours, source)
    assert get_breach() is None
    read_claims(bank, 31)
    read_claims(bank, hours, source)
    assert get_breach() is not None


def test_a_promise_that_is_taken_back_is_no_longer_broken(bank: Bank) -> None:
    promise(bank, 24)
    read_claims(bank, 31)
    promise(bank, None)
    read_claims(bank, 31)
    assert get_breach() is None


def test_the_oldest_table_counts_and_an_unknown_one_hides_nothing(bank: Bank) -> None:
    promise(bank, 24)
    second = factories.make_table(bank.claims.database, "payments")
    ProductTable.objects.create(product=bank.product, table=second, position=2)
    read_claims(bank, 2)
    now = clock.now()
    found = build_product_freshness(bank.product, list_product_tables(bank.product), now)
    assert (found.state, found.oldest and found.oldest.table.name) == ("not_known", "claims")
    read_claims(bank, 30, table=second)
    found = build_product_freshness(bank.product, list_product_tables(bank.product), now)
    assert (found.state, found.oldest and found.oldest.table.name) == ("late", "payments")
    Table.objects.filter(pk=second.pk).update(tombstoned_at=now)
    found = build_product_freshness(bank.product, list_product_tables(bank.product), now)
    assert found.state == "fresh"


def test_the_worst_of_a_day_stays(bank: Bank) -> None:
    promise(bank, 24)
    for hours in (None, 3, 25, 1):
        read_claims(bank, hours)
    day = FreshnessDay.objects.get()
    assert (day.state, day.age_minutes, day.promised_hours) == ("late", 25 * 60, 24)


def test_a_failed_run_since_the_last_change_is_named_as_the_cause(bank: Bank) -> None:
    promise(bank, 1)
    output = {"namespace": "s3://gold", "name": bank.claims.name}
    for state, run, minute in (("COMPLETE", 1, 0), ("FAIL", 2, 90)):
        assert not send(bank.insurance, run_event(state, (), (output,), run=run, minute=minute)).faults
    assert LineageDataset.objects.get().table == bank.claims
    read_claims(bank, 1.5, now=NOON + timedelta(minutes=100))
    breach = get_breach()
    assert breach is not None
    assert breach.cause == "The last run of clean_claims failed on 2026-03-02 13:30 UTC."
    assert find_last_write(bank.claims) == NOON


def test_only_tables_of_published_products_are_due_and_the_oldest_reading_first(bank: Bank) -> None:
    factories.make_table(bank.claims.database, "in_no_product")
    now = clock.now()
    assert list(list_due_tables(now)) == [bank.claims]
    read_claims(bank, 1, now=now)
    assert not list_due_tables(now - timedelta(minutes=30))
    assert list(list_due_tables(now + timedelta(minutes=1))) == [bank.claims]
    DataProduct.objects.update(is_published=False)
    assert not list_due_tables(now + timedelta(minutes=1))


def test_a_draft_is_compared_with_nothing(bank: Bank) -> None:
    promise(bank, 1)
    DataProduct.objects.update(is_published=False)
    read_claims(bank, 90)
    assert not FreshnessDay.objects.exists()


def test_old_days_are_deleted(bank: Bank) -> None:
    read_claims(bank, 1, now=clock.now() - timedelta(days=KEPT_DAYS + 1))
    read_claims(bank, 1)
    with as_role("meshmarket_worker"):
        delete_old_days(clock.now())
    assert FreshnessDay.objects.count() == 1


def test_the_database_keeps_a_time_with_its_source(bank: Bank) -> None:
    read_claims(bank, 1)
    with as_role("meshmarket_worker"), pytest.raises(IntegrityError), transaction.atomic():
        TableFreshness.objects.update(source="")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        TableFreshness.objects.update(source="glue_update")
