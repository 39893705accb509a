"""A search that finds little is widened: by words that begin with its last one, and by documents with some of its words."""

import pytest

from catalog.products.models import DataProduct
from catalog.search import search as search_module
from catalog.search.index.models import LexemeChange, LexemeCount
from catalog.search.query import SearchQuery
from catalog.search.results import SearchResult
from catalog.search.search import count_facets, list_every_hit, search
from tests import factories
from tests.catalog.sample_catalog import (
    SampleCatalog,
    list_hit_names,
    make_sample_catalog,
    reindex,
    search_as_ana,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> SampleCatalog:
    """Three products, published: all of them have *storm*."""
    shelf = make_sample_catalog()
    for name, summary in [
        ("Storm damage", "Weekly figures."),
        ("Storm tracks", "Damages at sea, by hour."),
        ("Storms", "Damage-free weeks."),
    ]:
        product = factories.make_product(shelf.insurance, shelf.ines, [], name)
        DataProduct.objects.filter(pk=product.pk).update(summary=summary)
    reindex()
    return shelf


def list_missing(result: SearchResult) -> dict[str, tuple[str, ...]]:
    return {hit.name: hit.missing for hit in result.hits}


def test_those_with_all_words_come_first_and_the_others_say_what_they_lack(shelf: SampleCatalog) -> None:
    result = search_as_ana(shelf, "q=storm+hour+damage")

    assert list_hit_names(result)[0] == "Storm tracks"
    assert list_missing(result)["Storm tracks"] == ()
    assert list_missing(result)["Storm damage"] == ("hour",)


def test_a_question_finds_by_its_rare_words(shelf: SampleCatalog) -> None:
    result = search_as_ana(shelf, "q=which+of+the+storm+figures+are+from+this+week+or+hour")

    assert list_hit_names(result)[0] == "Storm damage"


def test_words_that_are_not_counted_yet_are_found(shelf: SampleCatalog) -> None:
    LexemeCount.objects.all().delete()
    LexemeChange.objects.all().delete()

    assert list_hit_names(search_as_ana(shelf, "q=storm+hour+nothing"))[0] == "Storm tracks"


def test_enough_results_are_not_widened(shelf: SampleCatalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "FEW", 1)

    assert list_hit_names(search_as_ana(shelf, "q=storm+hour")) == ["Storm tracks"]


def test_a_beginning_comes_behind_whole_words_and_adds_no_rank(shelf: SampleCatalog) -> None:
    for name in ("Trac", "Trackers tracking tracked trackways"):
        factories.make_product(shelf.insurance, shelf.ines, [], name)
    reindex()

    names = list_hit_names(search_as_ana(shelf, "q=trac"))

    assert names[0] == "Trac"
    assert set(names[1:]) == {"Storm tracks", "Trackers tracking tracked trackways"}


def test_a_stop_word_at_the_end_begins_no_word(shelf: SampleCatalog) -> None:
    factories.make_product(shelf.insurance, shelf.ines, [], "Android storms")
    reindex()

    assert "Android storms" not in list_hit_names(search_as_ana(shelf, "q=hour+and"))
    assert list_hit_names(search_as_ana(shelf, "q=andr")) == ["Android storms"]


def test_an_excluded_word_stays_excluded(shelf: SampleCatalog) -> None:
    result = search_as_ana(shelf, "q=storm+figures+nothing+-weekly")

    assert "Storm damage" not in list_hit_names(result)
    assert list_hit_names(result)


def test_a_filter_narrows_what_was_added(shelf: SampleCatalog) -> None:
    assert search_as_ana(shelf, "q=storm+hour+nothing&tier=bronze").total == 0


@pytest.mark.parametrize("limit", [1, 2])
def test_pages_of_a_widened_search_are_the_whole_in_its_order(shelf: SampleCatalog, limit: int) -> None:
    query = SearchQuery(text="storm hour damage")
    whole = search(query, person=shelf.ana, limit=50)

    found: list[tuple[str, tuple[str, ...]]] = []
    after = None
    while True:
        page = search(query, person=shelf.ana, limit=limit, after=after)
        found += list_missing(page).items()
        after = page.following
        if after is None:
            break

    assert found == list(list_missing(whole).items())


def test_an_export_has_what_is_found_in_its_order(shelf: SampleCatalog) -> None:
    query = SearchQuery(text="storm hour damage")
    found = search(query, person=shelf.ana, limit=50)

    assert [hit.name for hit in list_every_hit(query, person=shelf.ana)] == list_hit_names(found)


def test_facets_of_a_widened_search_count_what_it_finds(shelf: SampleCatalog) -> None:
    query = SearchQuery(text="storm hour damage")

    assert count_facets(query, person=shelf.ana) == search(query, person=shelf.ana).facets


def test_an_exact_name_comes_before_better_ranks_on_each_page(shelf: SampleCatalog) -> None:
    query = SearchQuery(text="storms")
    first = search(query, person=shelf.ana, limit=1)
    second = search(query, person=shelf.ana, limit=1, after=first.following)

    assert [(hit.name, hit.is_exact) for hit in (*first.hits, *second.hits)] == [
        ("Storms", True),
        ("Storm damage", False),
    ]


def test_hidden_products_are_not_added(shelf: SampleCatalog) -> None:
    DataProduct.objects.filter(name__startswith="Storm").update(is_published=False)

    assert search_as_ana(shelf, "q=storm+hour+damage").total == 0
    assert search_as_ana(shelf, "q=storms").total == 0
