"""*Query it* on the pages of products and tables: what the viewer's own live grant gives, and nothing else."""

from datetime import datetime

import pytest
from django.urls import reverse

from catalog.mirror.models import Table
from fulfilment.intents.models import Intent
from fulfilment.observations.storage import get_data_catalog
from identity.people.models import Person
from kernel import clock
from lakeformation.access.link_naming import link_database_name, link_name
from portal.access.own_query import OwnQuery, choose_own_query
from requests_app.grants.actions import revoke_grant
from requests_app.grants.models import Grant
from requests_app.grants.queries import list_queryable_grants
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.engine_readings import write_presence
from tests.portal.conftest import make_client
from tests.requests_app import lf_tags_request


def get_own_query(bank: Bank, person: Person | None = None) -> OwnQuery | None:
    return find_own_query(person or bank.ana, bank.claims, clock.now())


def find_own_query(person: Person, table: Table, now: datetime) -> OwnQuery | None:
    grants = list(list_queryable_grants(person, [table], now))
    return choose_own_query(grants, [table])


def get_query_text(bank: Bank) -> str:
    query = get_own_query(bank)
    assert query is not None
    return query.text


def mark_present(bank: Bank, grant: Grant) -> Grant:
    write_presence(
        grant.intent, Intent.Presence.PRESENT, catalog=bank.catalog, consumer=bank.bi_account, usable=True
    )
    return grant


def grant_columns(bank: Bank, key: str, *columns: str, row_filter: str = "", metadata: bool = False) -> Grant:
    whole = not columns and not metadata
    asked = RequestedItem(bank.claims.pk, columns, whole, None, row_filter=row_filter, metadata_only=metadata)
    return approve(bank, submit_bank_item(bank, items=[asked], idempotency_key=key))


def read_pages(bank: Bank, person: Person) -> list[str]:
    client = make_client(person)
    addresses = reverse("data-product", args=[bank.product.slug]), reverse("table", args=[bank.claims.pk])
    return [client.get(address).content.decode() for address in addresses]


def test_it_names_the_columns_of_the_grant_alone_behind_the_link_of_the_account(bank: Bank) -> None:
    grant_columns(bank, "one", "iban", "amount")
    database = link_name("insurance_gold", get_data_catalog(bank.catalog))
    names = [column.name for column in bank.claims.columns.all() if column.name in {"iban", "amount"}]
    listed = ",\n       ".join(names)
    assert get_query_text(bank) == f"SELECT {listed}\nFROM {database}.claims\nLIMIT 10;"


def test_columns_that_one_lacks_are_on_neither_page(bank: Bank) -> None:
    grant_columns(bank, "one", "iban")
    for page in read_pages(bank, bank.ana):
        query = page.split('id="athena">')[1].split("</code>")[0]
        assert "iban" in query
        assert "claim_id" not in query
        assert "amount" not in query


def test_without_access_the_statement_has_the_owners_names_and_cannot_be_copied(bank: Bank) -> None:
    submit_bank_item(bank)
    for person in (bank.ana, bank.sam, bank.ines):
        product, table = read_pages(bank, person)
        assert "SELECT * FROM insurance_gold.claims LIMIT 10" in product
        assert "data-copy" not in product
        assert "athena" not in table
        assert "SELECT" not in table


def test_what_is_not_read_back_yet_cannot_be_copied(bank: Bank) -> None:
    grant = grant_columns(bank, "one", "iban")
    assert all("data-copy" not in page for page in read_pages(bank, bank.ana))
    mark_present(bank, grant)
    assert all('data-copy="athena"' in page for page in read_pages(bank, bank.ana))


def test_a_grant_that_is_in_place_comes_before_a_later_one_that_is_not(bank: Bank) -> None:
    mark_present(bank, grant_columns(bank, "one", "iban"))
    grant_columns(bank, "two", "amount")
    assert "iban" in get_query_text(bank)
    assert "amount" not in get_query_text(bank)


def test_a_whole_table_is_every_column_of_it(bank: Bank) -> None:
    grant_columns(bank, "one")
    assert get_query_text(bank).startswith("SELECT *\n")


def test_the_rows_of_the_grant_are_said(bank: Bank) -> None:
    mark_present(bank, grant_columns(bank, "one", "amount", row_filter="claim_id = 'a'"))
    for page in read_pages(bank, bank.ana):
        assert 'You get the rows where <code dir="auto">claim_id = &#x27;a&#x27;</code>' in page


def test_the_metadata_alone_are_nothing_to_query(bank: Bank) -> None:
    grant_columns(bank, "one", metadata=True)
    assert get_own_query(bank) is None


def test_what_ended_and_what_is_of_others_is_nothing_to_query(bank: Bank) -> None:
    grant = grant_columns(bank, "one", "iban")
    assert [get_own_query(bank, one) for one in (bank.ines, bank.greta, bank.sam)] == [None] * 3
    assert find_own_query(bank.ana, bank.claims, grant.ends_at) is None
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="Over.", now=clock.now())
    assert get_own_query(bank) is None


def test_a_column_that_the_table_lost_is_left_out(bank: Bank) -> None:
    grant_columns(bank, "one", "iban", "amount")
    bank.claims.columns.filter(name="amount").delete()
    assert "amount" not in get_query_text(bank)


def test_tables_that_land_by_table_are_found_in_their_own_database(bank: Bank) -> None:
    key = f"{bank.catalog.pk}/insurance_gold"
    bank.bi_account.table_links = {key: True}
    bank.bi_account.save()
    grant_columns(bank, "one", "iban")
    assert link_database_name("insurance_gold", get_data_catalog(bank.catalog)) in get_query_text(bank)


def test_what_lf_tags_reach_is_queried_by_the_name_of_the_page_s_table(bank: Bank) -> None:
    other = factories.make_table(bank.claims.database, name="policies")
    for table in (other, bank.claims):
        lf_tags_request.assign_tags(table, {"tier": "gold"})
    approve(bank, lf_tags_request.submit_by_lf_tags(bank))
    for table in (other, bank.claims):
        query = find_own_query(bank.ana, table, clock.now())
        assert query is not None
        assert f".{table.name}\n" in query.text


@pytest.mark.parametrize(
    ("name", "written"), [("a" * 60, "a" * 60), ("two words", '"two words"'), ("select", '"select"')]
)
def test_a_name_is_written_whole_on_a_line_of_its_own(bank: Bank, name: str, written: str) -> None:
    factories.make_column(bank.claims, name, 30)
    grant_columns(bank, "one", name, "amount")
    lines = [line.removeprefix("SELECT ").strip(" ,") for line in get_query_text(bank).split("\n")]
    assert {written, "amount"} <= set(lines)
