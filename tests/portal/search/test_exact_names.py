"""The page finds what the portal prints: names with their database, addresses, ARNs, people and teams."""

import pytest

from catalog.mirror.models import Table
from tests import factories
from tests.bank import Bank
from tests.catalog.indexing import index_tables
from tests.portal.conftest import make_client


def find_first(bank: Bank, text: str) -> str:
    """The first card of the page."""
    page = make_client(bank.ana).get("/search/", {"q": text}).content.decode()
    cards = page.split('<li class="card">')
    return cards[1].partition("</li>")[0] if len(cards) > 1 else ""


@pytest.mark.parametrize(
    "text",
    [
        "insurance_gold.claims",
        "s3://gold/claims/",
        "s3://gold/claims/day=1/part-0.parquet",
        "arn:aws:s3:::gold/claims/*",
        "Ines Roth",
        "Insurance",
        "Claims",
    ],
)
def test_a_product_is_found_by_what_names_it(bank: Bank, text: str) -> None:
    other = factories.make_table(factories.make_database(bank.catalog, None, "gold"), "insurance_claims_gold")
    index_tables([other.pk])

    card = find_first(bank, text)
    assert f"/data-products/{bank.product.slug}/" in card
    assert "Exact match" in card


def test_a_table_without_a_product_is_found_by_its_names(bank: Bank) -> None:
    table = factories.make_table(bank.claims.database, "life_expectancy")
    index_tables([table.pk])
    account, region = bank.catalog.account.account_id, bank.catalog.region
    Table.objects.filter(pk=table.pk).update(location="s3://lake/life/")

    for text in (
        "insurance_gold.life_expectancy",
        "life_expectancy",
        "s3://lake/life",
        f"arn:aws:glue:{region}:{account}:table/insurance_gold/life_expectancy",
        f"/tables/{table.pk}/",
    ):
        card = find_first(bank, text)
        assert f'href="/tables/{table.pk}/"' in card, text
        assert "Exact match" in card, text


def test_a_database_is_found_by_its_name(bank: Bank) -> None:
    table = factories.make_table(bank.claims.database, "life_expectancy")
    index_tables([table.pk])

    page = make_client(bank.ana).get("/search/", {"q": "insurance_gold"}).content.decode()
    assert f'href="/tables/{table.pk}/"' in page
    assert f'href="/data-products/{bank.product.slug}/"' in page
