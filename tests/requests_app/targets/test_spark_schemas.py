"""Columns that only Spark knows come with the whole table: Lake Formation can neither grant nor filter them."""

import pytest

from catalog.mirror.models import Column
from catalog.mirror.snapshot import NO_SCHEMA, SPARK_SCHEMA
from identity.accounts import ConnectedCatalog
from kernel.errors import RefusedError
from requests_app.targets.databases import build_database_target
from requests_app.targets.requested_item import RequestedItem
from tests.bank import Bank, submit_bank_request


def set_flag(bank: Bank, flag: str) -> None:
    bank.claims.flags = [flag]
    bank.claims.save(update_fields=["flags"])


def get_refusal(bank: Bank, item: RequestedItem) -> str:
    with pytest.raises(RefusedError) as caught:
        submit_bank_request(bank, items=[item])
    return caught.value.message


def test_only_the_whole_table_is_granted(bank: Bank) -> None:
    set_flag(bank, SPARK_SCHEMA)

    single = RequestedItem(bank.claims.pk, ("claim_id",), False, None)
    filtered = RequestedItem(bank.claims.pk, (), True, None, "claim_id = '1'")
    assert "Request the whole table" in get_refusal(bank, single)
    assert "Leave the row filter empty" in get_refusal(bank, filtered)
    whole = RequestedItem(bank.claims.pk, (), True, None)
    assert submit_bank_request(bank, items=[whole]).items.get().whole_table


def test_a_catalog_that_holds_new_columns_grants_none(bank: Bank) -> None:
    set_flag(bank, SPARK_SCHEMA)
    ConnectedCatalog.objects.update(holds_new_columns=True)

    whole = RequestedItem(bank.claims.pk, (), True, None)
    assert "new columns wait until they are classified" in get_refusal(bank, whole)


def test_a_table_of_unknown_columns_cannot_be_requested(bank: Bank) -> None:
    set_flag(bank, NO_SCHEMA)
    Column.objects.filter(table=bank.claims).delete()

    whole = RequestedItem(bank.claims.pk, (), True, None)
    assert "cannot be read from Glue" in get_refusal(bank, whole)
    target = build_database_target(bank.claims.database, bank.ines)
    assert "cannot be read from Glue" in target.refusal
