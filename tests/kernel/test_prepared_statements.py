"""The statements of a search are kept by the server, which plans them once; a setting turns that off."""

import pytest
from django.db import connection
from pytest_django import Settings

from catalog.search.completion import suggest
from tests.catalog.sample_catalog import SampleCatalog, make_sample_catalog, search_as_ana

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> SampleCatalog:
    return make_sample_catalog()


def count_prepared() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        return int(cursor.fetchone()[0])


def search_and_type(shelf: SampleCatalog) -> None:
    search_as_ana(shelf, "q=claim")
    suggest("claim", person=shelf.ana)


def test_statements_of_the_search_are_kept_and_used_again(shelf: SampleCatalog) -> None:
    before = count_prepared()
    search_and_type(shelf)
    after = count_prepared()
    search_and_type(shelf)

    assert before < after == count_prepared()


def test_nothing_is_kept_where_a_pooler_would_lose_it(shelf: SampleCatalog, settings: Settings) -> None:
    settings.PREPARE_STATEMENTS = False
    before = count_prepared()
    search_and_type(shelf)

    assert count_prepared() == before
