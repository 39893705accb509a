"""Foreign text of any length: cut, with the whole a click away, and never sent by the hundred kilobytes in lists."""

import pytest
from django.urls import reverse

from catalog.mirror.models import Column, Table
from catalog.products.models import DataProduct
from catalog.search.index.indexing import index_products
from tests.bank import Bank
from tests.catalog.indexing import index_tables
from tests.portal.conftest import make_client

HUGE = "settlement of claims " * 15_000
LARGEST_PAGE = 60_000


def get_page_size(bank: Bank, name: str, *args: object) -> int:
    return size_at(bank, f"{reverse(name, args=args)}?q=settlement")


def size_at(bank: Bank, address: str) -> int:
    return len(make_client(bank.ana).get(address).content)


@pytest.fixture
def wordy(bank: Bank) -> Bank:
    Table.objects.update(description=HUGE)
    DataProduct.objects.update(description=HUGE)
    Column.objects.update(comment=HUGE, type=f"struct<{HUGE}>")
    index_tables([bank.claims.pk])
    index_products()
    return bank


def test_lists_carry_no_huge_text(wordy: Bank) -> None:
    assert get_page_size(wordy, "search") < LARGEST_PAGE
    assert get_page_size(wordy, "api-search") < LARGEST_PAGE
    assert size_at(wordy, f"{reverse('access-request-new')}?table={wordy.claims.pk}") < LARGEST_PAGE


def test_the_pages_of_product_and_table_carry_their_own_description_alone(wordy: Bank) -> None:
    assert len(HUGE) < get_page_size(wordy, "data-product", wordy.product.slug) < len(HUGE) + LARGEST_PAGE
    assert len(HUGE) < get_page_size(wordy, "table", wordy.claims.pk) < len(HUGE) + LARGEST_PAGE


def test_the_api_tells_a_table_whole(wordy: Bank) -> None:
    told = make_client(wordy.ana).get(reverse("api-table", args=[wordy.claims.pk])).json()
    assert told["columns"][0]["comment"] == HUGE


def test_a_long_comment_can_be_opened_and_a_short_one_is_just_there(bank: Bank) -> None:
    long, short = "Amount of the settlement. " * 20, "What was paid."
    Column.objects.filter(name="amount").update(comment=long)
    Column.objects.filter(name="claim_id").update(comment=short)
    page = make_client(bank.ana).get(reverse("table", args=[bank.claims.pk])).content.decode()
    assert f'<p dir="auto">{long}</p></details>' in page
    assert f'<span dir="auto">{short}</span>' in page
