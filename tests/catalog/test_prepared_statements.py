"""The statements of a search are kept by the server, which plans them once; a setting turns that off."""

import pytest
from django.db import connection
from pytest_django import Settings

from catalog.search.completion.suggestions import suggest
from tests.catalog.shelf import Shelf, find, make_shelf

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> Shelf:
    return make_shelf()


def kept() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        return int(cursor.fetchone()[0])


def search_and_type(shelf: Shelf) -> None:
    find(shelf, "q=claim")
    suggest("claim", person=shelf.ana)


def test_statements_of_the_search_are_kept_and_used_again(shelf: Shelf) -> None:
    before = kept()
    search_and_type(shelf)
    after = kept()
    search_and_type(shelf)

    assert before < after == kept()


def test_nothing_is_kept_where_a_pooler_would_lose_it(shelf: Shelf, settings: Settings) -> None:
    settings.PREPARE_STATEMENTS = False
    before = kept()
    search_and_type(shelf)

    assert kept() == before
