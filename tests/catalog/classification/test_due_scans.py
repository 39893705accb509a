"""The schedule: new tables, and tables whose columns changed."""

import pytest
from pytest_django.fixtures import Settings

from catalog.classification import models
from catalog.mirror.models import SchemaChange
from kernel import clock
from tests.bank import Bank, make_bank
from tests.catalog.classification.findings import finish_scans
from tests.database import as_role


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


def request_due_scans() -> int:
    with as_role("meshmarket_worker"):
        return models.request_due_scans(clock.now())


def add_change(bank: Bank, what: str) -> None:
    changes = [{"what": what, "name": "x"}]
    with as_role("meshmarket_worker"):
        SchemaChange.objects.create(
            table=bank.claims, seen_at=clock.now(), is_breaking=False, changes=changes
        )


def test_a_new_table_is_scanned_once(bank: Bank) -> None:
    assert request_due_scans() == 1
    assert request_due_scans() == 0
    finish_scans()
    assert request_due_scans() == 0


@pytest.mark.parametrize(("what", "count"), [("column_added", 1), ("type_changed", 1), ("fact_changed", 0)])
def test_changed_columns_are_scanned_again(bank: Bank, what: str, count: int) -> None:
    request_due_scans()
    finish_scans()
    add_change(bank, what)
    assert request_due_scans() == count
    finish_scans()
    assert request_due_scans() == 0


def test_the_schedule_can_be_switched_off(bank: Bank, settings: Settings) -> None:
    settings.SCHEDULED_SCANS = False
    assert request_due_scans() == 0
