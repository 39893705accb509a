"""Facets, the order, and what a search without results offers next."""

import re

import pytest

from catalog.mirror.models import Table
from tests.bank import Bank
from tests.catalog.indexing import index_tables
from tests.html import squeeze
from tests.portal.conftest import make_client


def read_page(bank: Bank, **parameters: str) -> str:
    return make_client(bank.ana).get("/search/", parameters).content.decode()


def list_sorts(page: str) -> list[str]:
    navigation = page.partition('aria-labelledby="sort-by"')[2].partition("</nav>")[0]
    return re.findall(r'<a class="sort"[^>]*>([^<]+)</a>', squeeze(navigation))


def read_current_sort(page: str) -> list[str]:
    return re.findall(r'<a class="sort"[^>]* aria-current="true">([^<]+)</a>', squeeze(page))


def test_each_facet_is_open_without_a_script_and_counts_what_is_chosen(bank: Bank) -> None:
    page = read_page(bank, tier="gold")

    assert '<details class="fold" data-facet="domain" open>' in page
    folds = page.split('<details class="fold"')
    (tier,) = [fold for fold in folds if fold.startswith(' data-facet="tier"')]
    assert '<span class="count">1<span class="visually-hidden"> chosen</span></span>' in tier
    (domain,) = [fold for fold in folds if fold.startswith(' data-facet="domain"')]
    assert '<span class="count">' not in domain


def test_a_long_value_is_whole(bank: Bank) -> None:
    value = "Very" * 50 + "LongPurpose"
    Table.objects.filter(pk=bank.claims.pk).update(tags={"purpose": value})
    index_tables([bank.claims.pk])

    assert f'<span class="value" dir="auto">purpose={value}</span>' in read_page(bank)


def test_the_best_match_is_offered_for_words_alone(bank: Bank) -> None:
    page = read_page(bank, q="claims")
    assert '<span class="muted" id="sort-by">Sort by</span>' in page
    assert list_sorts(page) == ["Best match", "Name, A to Z", "Last updated", "Newest"]
    assert read_current_sort(page) == ["Best match"]


@pytest.mark.parametrize("parameters", [{}, {"tier": "gold"}, {"q": "tier:gold"}, {"sort": "name"}])
def test_without_words_results_are_by_name(bank: Bank, parameters: dict[str, str]) -> None:
    page = read_page(bank, **parameters)

    assert list_sorts(page) == ["Name, A to Z", "Last updated", "Newest"]
    assert read_current_sort(page) == ["Name, A to Z"]


def test_an_empty_result_tells_which_words_are_unknown_and_where_to_go(bank: Bank) -> None:
    page = read_page(bank, q="xylophone quux")

    assert 'Nothing contains <b dir="auto">xylophone</b>, <b dir="auto">quux</b>.' in page
    for address in ("/domains/", "/catalogs/", "/glossary/"):
        assert f'<li><a href="{address}">' in page
    assert "Search without a filter" not in page


def test_an_empty_result_offers_to_remove_each_filter(bank: Bank) -> None:
    page = read_page(bank, q="claims column:xylophone", tier="bronze")
    offered = page.partition("Search without a filter")[2].partition("</ul>")[0]

    links = re.findall(r'href="([^"]+)"', offered)
    assert links == [
        "/search/?q=claims&amp;tier=bronze",
        "/search/?q=claims+column%3Axylophone",
        "/search/?q=claims",
    ]
    assert "Nothing contains" not in page


def test_a_page_after_the_last_leads_to_the_first(bank: Bank) -> None:
    page = read_page(bank, q="claims", page="9")

    assert "No more results" in page
    assert 'href="?q=claims"' in page
    assert "No results" not in page
