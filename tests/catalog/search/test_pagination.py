"""Pages that go on by key: what comes or goes between two pages neither repeats a hit nor loses one."""

import pytest

from catalog.mirror.models import Table
from catalog.products.models import DataProduct, ProductTable
from catalog.search.plans.matches import Keys
from catalog.search.query import SORTS, SearchQuery
from catalog.search.results import SearchResult
from catalog.search.search import search
from kernel.errors import RefusedError
from tests import factories
from tests.catalog.sample_catalog import SampleCatalog, list_hit_names, make_sample_catalog, reindex

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> SampleCatalog:
    shelf = make_sample_catalog()
    for number in range(5):
        table = factories.make_table(
            shelf.unlisted_table.database, f"claims_{number}", ["status", "claim"][: number % 3]
        )
        Table.objects.filter(pk=table.pk).update(glue_updated_at=f"2026-01-0{number % 2 + 1}T00:00:00+00:00")
    reindex()
    return shelf


def page(shelf: SampleCatalog, querystring: str, after: Keys | None = None, limit: int = 2) -> SearchResult:
    return search(SearchQuery.parse(querystring), person=shelf.ana, limit=limit, after=after)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("text", ["", "claim"])
def test_pages_by_key_are_the_whole_in_its_order(shelf: SampleCatalog, sort: str, text: str) -> None:
    querystring = SearchQuery(text=text, sort=sort).to_querystring()
    whole = list_hit_names(page(shelf, querystring, limit=100))

    found, after = [], None
    while True:
        part = page(shelf, querystring, after)
        found += list_hit_names(part)
        after = part.following
        if after is None:
            break

    assert found == whole
    assert len(whole) == (8 if not text else 7)


@pytest.mark.parametrize("sort", ["name", "relevance"])
def test_what_comes_and_goes_between_pages_shifts_nothing(shelf: SampleCatalog, sort: str) -> None:
    first = page(shelf, f"q=claim&sort={sort}", limit=3)
    rest = list_hit_names(page(shelf, f"q=claim&sort={sort}", first.following, limit=100))

    Table.objects.filter(name=first.hits[2].name).update(tombstoned_at=factories.BORN)
    before = factories.make_product(shelf.insurance, shelf.ines, [], "A claim")
    factories.make_table(shelf.unlisted_table.database, "zz_claim")
    reindex()
    after = list_hit_names(page(shelf, f"q=claim&sort={sort}", first.following, limit=100))

    assert [name for name in after if name != "zz_claim"] == rest
    assert before.name not in after


def test_the_last_page_leads_nowhere(shelf: SampleCatalog) -> None:
    ProductTable.objects.all().delete()
    DataProduct.objects.all().delete()

    assert page(shelf, "q=status", limit=100).following is None
    assert page(shelf, "", limit=0).following is None


def test_keys_of_another_order_are_refused(shelf: SampleCatalog) -> None:
    with pytest.raises(RefusedError):
        page(shelf, "sort=name", (False, 1))
