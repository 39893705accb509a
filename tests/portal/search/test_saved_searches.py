"""Saving a search, seeing it and deleting it; the last ones in the empty box."""

import pytest

from catalog.search.models import SavedSearch
from tests.bank import Bank
from tests.portal.conftest import make_client


def read_page(bank: Bank, address: str) -> str:
    return make_client(bank.ana).get(address).content.decode()


@pytest.fixture
def kept(bank: Bank) -> SavedSearch:
    saved = make_client(bank.ana).post(
        "/saved-searches/new/", {"name": "<Mine>", "search": "q=claims&tier=gold"}
    )
    assert saved.headers["Location"] == "/search/?q=claims&tier=gold"
    return SavedSearch.objects.get()


def test_a_saved_search_is_listed_offered_and_named_above_its_results(bank: Bank, kept: SavedSearch) -> None:
    for address in ("/saved-searches/", "/search/suggestions/?q=", "/search/?q=claims&tier=gold"):
        assert "&lt;Mine&gt;" in read_page(bank, address), address
    assert "/search/?q=claims&amp;tier=gold" in read_page(bank, "/search/suggestions/")


def test_a_search_is_recalled_from_the_empty_box(bank: Bank) -> None:
    read_page(bank, "/search/?q=insurance+policies")
    read_page(bank, "/search/?q=other&page=2")

    offered = read_page(bank, "/search/suggestions/?q=+")
    assert 'data-href="/search/?q=insurance+policies"' in offered
    assert "q=other" not in offered


def test_it_is_deleted_by_its_person_alone(bank: Bank, kept: SavedSearch) -> None:
    address = f"/saved-searches/{kept.pk}/delete/"
    assert make_client(bank.ines).post(address).status_code == 404
    assert "Mine" not in make_client(bank.ines).get("/saved-searches/").content.decode()
    assert make_client(bank.ana).post(address).status_code == 302
    assert not SavedSearch.objects.exists()


def test_a_search_without_a_name_says_so(bank: Bank) -> None:
    answer = make_client(bank.ana).post(
        "/saved-searches/new/", {"name": " ", "search": "q=claims"}, follow=True
    )

    assert "Give the search a name" in answer.content.decode()


def test_a_saved_address_leads_nowhere_else(bank: Bank) -> None:
    answer = make_client(bank.ana).post("/saved-searches/new/", {"name": "", "search": "\r\nSet-Cookie: a=b"})

    assert (answer.status_code, "a" in answer.cookies) == (302, False)
