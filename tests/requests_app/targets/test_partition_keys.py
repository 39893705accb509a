"""Partition keys come with any column: Lake Formation takes none in a column grant, and hides none."""

import pytest

from catalog.mirror.models import Column
from kernel.errors import RefusedError
from lakeformation.values.column_sets import ColumnSet
from requests_app.targets.checks import compute_effects
from requests_app.targets.requested_item import RequestedItem
from requests_app.targets.single_tables import build_table_access
from tests.bank import Bank, submit_bank_item, submit_bank_request


@pytest.fixture
def key(bank: Bank) -> str:
    Column.objects.filter(table=bank.claims, name="amount").update(is_partition_key=True)
    return "amount"


def test_a_key_that_was_asked_for_is_not_granted_but_told(bank: Bank, key: str) -> None:
    item = submit_bank_item(bank)
    effects = compute_effects(item)
    assert build_table_access(item).columns == ColumnSet.include(["claim_id"])
    assert [line.text for line in effects.warnings] == [
        f"partition key {key} is visible too: Lake Formation can't hide it"
    ]
    assert key not in effects.not_granted


def test_a_key_alone_cannot_be_asked_for(bank: Bank, key: str) -> None:
    with pytest.raises(RefusedError) as caught:
        submit_bank_request(bank, items=[RequestedItem(bank.claims.pk, (key,), False, None)])
    assert caught.value.field == "items"
    assert "besides its partition key" in caught.value.message


def test_a_sensitive_key_does_not_ride_along(bank: Bank, key: str) -> None:
    Column.objects.filter(table=bank.claims, name=key).update(classification="sensitive")
    with pytest.raises(RefusedError, match="amount is sensitive and can't be hidden"):
        submit_bank_request(bank, items=[RequestedItem(bank.claims.pk, ("claim_id",), False, None)])
    assert (
        submit_bank_request(
            bank, items=[RequestedItem(bank.claims.pk, ("claim_id", key), False, None)]
        ).items.count()
        == 1
    )
