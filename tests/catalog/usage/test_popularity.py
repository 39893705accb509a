"""Uses are counted whether they came by way of a product or not."""

import pytest
from django.db import connection

from catalog.usage.recording import TeamUse, store_team_counts
from tests.bank import Bank, make_bank
from tests.database import as_role


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


def test_a_table_that_is_used_with_and_without_its_product_is_counted(bank: Bank) -> None:
    table = bank.claims.pk
    uses = [
        TeamUse(table, None, bank.bi.pk),
        TeamUse(table, None, bank.bi.pk + 1),
        TeamUse(table, 7, bank.bi.pk),
    ]
    with as_role("meshmarket_worker"):
        store_team_counts(uses)
    with connection.cursor() as cursor:
        cursor.execute("SELECT teams FROM catalog_document WHERE id = %s", [table])
        assert cursor.fetchone() == (2,)
