"""Error pages lead people on: with navigation and search for who is signed in."""

from unittest.mock import patch

from django.test import Client
from django.urls import reverse

from tests.bank import Bank
from tests.portal.conftest import make_client


def test_a_missing_page_has_navigation_and_search_for_who_is_signed_in(bank: Bank) -> None:
    answer = make_client(bank.ana).get("/tables/999999/")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "There is no page at this address, or you don&#x27;t have access to it." in page
    assert f'action="{reverse("search")}"' in page
    assert f'<a href="{reverse("grants")}"' in page


def test_a_refused_page_has_them_too(bank: Bank) -> None:
    answer = make_client(bank.ana).get(reverse("admin:index"), follow=True)
    assert answer.status_code == 403
    assert f'action="{reverse("search")}"' in answer.content.decode()


def test_without_a_navigation_the_page_still_says_what_happened(bank: Bank) -> None:
    with patch("portal.context_processors.build_sections", side_effect=ValueError):
        answer = make_client(bank.ana).get("/tables/999999/")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "Nothing here" in page
    assert f'action="{reverse("search")}"' not in page


def test_strangers_see_it_without(client: Client, db: None) -> None:
    assert "site-search" not in client.get("/static/nothing.css").content.decode()
