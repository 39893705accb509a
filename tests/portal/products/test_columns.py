"""Columns of a product's tables: profile, terms, and which of them the reader may read."""

import pytest
from django.urls import reverse

from catalog.mirror.columns import ColumnStatistics, store_statistics
from catalog.mirror.models import Classification, Column
from catalog.mirror.schema_changes import TableChange
from fulfilment.intents.models import Intent
from kernel import clock
from portal.products.columns import describe_profile
from requests_app.targets.requested_item import RequestedItem
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role
from tests.engine_readings import write_presence
from tests.portal.conftest import make_client


def hold(bank: Bank, *columns: str, presence: Intent.Presence = Intent.Presence.PRESENT) -> None:
    item = RequestedItem(bank.claims.pk, columns, whole_table=False, product_id=bank.product.pk)
    grant = approve(bank, submit_bank_item(bank, items=[item]))
    write_presence(grant.intent, presence, catalog=bank.catalog, consumer=bank.bi_account, usable=True)


def read_product_page(bank: Bank) -> str:
    return make_client(bank.ana).get(reverse("data-product", args=[bank.product.slug])).content.decode()


def read_column_page(bank: Bank, name: str) -> str:
    return make_client(bank.ana).get(reverse("column", args=[bank.claims.pk, name])).content.decode()


def test_columns_that_one_may_read_are_marked(bank: Bank) -> None:
    assert 'class="own"' not in read_product_page(bank)
    hold(bank, "claim_id", "amount")
    page = read_product_page(bank)
    assert page.count('class="own"') == 2
    assert f"2 of {bank.claims.columns.count()} columns" in page
    assert "You can read it" in read_column_page(bank, "amount")
    assert "You can read it" not in read_column_page(bank, "iban")


def test_what_is_not_proven_is_not_marked(bank: Bank) -> None:
    hold(bank, "claim_id", presence=Intent.Presence.UNKNOWN)
    assert 'class="own"' not in read_product_page(bank)
    assert "It works as soon as your access is active." in read_product_page(bank)


def test_profiles_are_shown_where_glue_has_statistics(bank: Bank) -> None:
    assert ">Profile<" not in read_product_page(bank)
    counted = [ColumnStatistics("claim_id", 1500, 2, None, "2026-11-28T00:00:00+00:00")]
    with as_role("meshmarket_worker"):
        store_statistics(bank.claims.pk, counted, "", clock.now())
    assert "1,500 values, 2 empty" in read_product_page(bank)
    assert "1,500 values, 2 empty" in read_column_page(bank, "claim_id")


def test_a_sensitive_column_has_no_profile() -> None:
    column = Column(name="iban", classification=Classification.SENSITIVE)
    assert describe_profile(column, ColumnStatistics("iban", 7, 0, None, "")) == "none: sensitive"


def test_an_unknown_column_and_one_of_a_hidden_table_are_absent(bank: Bank) -> None:
    client = make_client(bank.ana)
    assert client.get(reverse("column", args=[bank.claims.pk, "no-such"])).status_code == 404
    assert client.get(reverse("column", args=[987_654_321, "claim_id"])).status_code == 404


@pytest.mark.parametrize("name", ["a/b", "with space", "ünï"])
def test_every_name_has_a_page(bank: Bank, name: str) -> None:
    with as_role("meshmarket_worker"):
        Column.objects.create(table=bank.claims, position=90, name=name, type="string")
    assert make_client(bank.ana).get(reverse("column", args=[bank.claims.pk, name])).status_code == 200


def test_the_history_of_a_column_leaves_out_the_others(bank: Bank) -> None:
    changes = [
        TableChange("column_added", "claim_id", "", "string", breaking=False).to_json(),
        TableChange("column_removed", "premium", "string", "", breaking=True).to_json(),
    ]
    with as_role("meshmarket_worker"):
        bank.claims.schema_changes.create(seen_at=clock.now(), is_breaking=True, changes=changes)
    page = read_column_page(bank, "claim_id")
    assert "Column claim_id added" in page
    assert "premium" not in page
