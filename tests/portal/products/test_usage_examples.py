"""*How to use it* on the page of a product: examples with the names of the reader's own account, or what comes first."""

import pytest
from django.urls import reverse

from catalog.browse.tables import build_table_views, count_columns
from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from fulfilment.intents.models import Intent
from fulfilment.observations.storage import get_data_catalog
from identity.people.models import Person
from kernel import clock
from lakeformation.access.link_naming import link_name
from portal.products.usage_examples import UsageExample, build_usage_examples
from requests_app.grants.models import Grant
from requests_app.grants.queries import list_queryable_grants
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.engine_readings import write_presence
from tests.portal.conftest import make_client


@pytest.fixture
def database(bank: Bank) -> str:
    """The name of the claims' database, which the examples of the product use in each way."""
    name = bank.claims.database.name
    python = f'frame = wr.athena.read_sql_query(\n    """SELECT amount FROM {name}.claims""",\n    database="{name}",\n)'
    sql = f'SELECT claim_id\nFROM {name}.claims c\nJOIN "{name}"."claims" USING (claim_id)'
    DataProduct.objects.filter(pk=bank.product.pk).update(sql_example=sql, python_example=python)
    bank.product.refresh_from_db()
    return name


def build(bank: Bank, person: Person | None = None) -> list[UsageExample]:
    tables = build_table_views(person or bank.ana, count_columns(Table.objects.filter(pk=bank.claims.pk)))
    grants = list(list_queryable_grants(person or bank.ana, [bank.claims], clock.now()))
    return build_usage_examples(bank.product, tables, grants)


def grant_columns(bank: Bank, *columns: str, is_present: bool = True) -> Grant:
    asked = RequestedItem(bank.claims.pk, columns, False, None)
    grant = approve(bank, submit_bank_item(bank, items=[asked], idempotency_key="".join(columns)))
    if is_present:
        write_presence(
            grant.intent, Intent.Presence.PRESENT, catalog=bank.catalog, consumer=bank.bi_account, usable=True
        )
    return grant


def test_without_access_it_says_that_access_comes_first(bank: Bank, database: str) -> None:
    for one in build(bank):
        assert "Works once your role has access to claims." in one.reason
    page = make_client(bank.ana).get(reverse("data-product-usage", args=[bank.product.slug])).content.decode()
    assert "Works once your role has access to claims." in page
    assert 'data-copy="sql"' not in page
    assert 'data-copy="python"' not in page


def test_examples_name_the_database_of_the_reader_s_account(bank: Bank, database: str) -> None:
    grant_columns(bank, "claim_id", "amount")
    own = link_name(database, get_data_catalog(bank.catalog))
    sql, python = build(bank)
    assert (sql.reason, python.reason) == ("", "")
    assert sql.text == f'SELECT claim_id\nFROM {own}.claims c\nJOIN "{own}"."claims" USING (claim_id)'
    assert f"FROM {own}.claims" in python.text
    assert f'database="{own}"' in python.text
    page = make_client(bank.ana).get(reverse("data-product-usage", args=[bank.product.slug])).content.decode()
    assert 'data-copy="sql"' in page
    assert f"FROM {database}.claims" not in page


def test_access_that_is_not_active_yet_is_said(bank: Bank, database: str) -> None:
    grant_columns(bank, "claim_id", "amount", is_present=False)
    assert {one.reason for one in build(bank)} == {"Works as soon as your access is active."}


def test_a_column_that_the_role_cannot_read_is_named(bank: Bank, database: str) -> None:
    grant_columns(bank, "claim_id")
    sql, python = build(bank)
    assert sql.reason == ""
    assert python.reason == "It reads the column amount, which your role can't read yet."


def test_a_second_table_without_access_is_named(bank: Bank, database: str) -> None:
    grant_columns(bank, "claim_id", "amount")
    policies = factories.make_table(bank.claims.database, "policies", ("claim_id",))
    sql = f"SELECT c.amount FROM {database}.claims c JOIN {database}.policies p ON p.claim_id = c.claim_id"
    DataProduct.objects.filter(pk=bank.product.pk).update(sql_example=sql)
    bank.product.refresh_from_db()
    tables = build_table_views(
        bank.ana, count_columns(Table.objects.filter(pk__in=[bank.claims.pk, policies.pk]).order_by("pk"))
    )
    grants = list(list_queryable_grants(bank.ana, [bank.claims, policies], clock.now()))
    assert "access to policies." in build_usage_examples(bank.product, tables, grants)[0].reason
