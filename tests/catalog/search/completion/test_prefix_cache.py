"""What is offered for the first letters is told in advance, and taken back with the commit that makes it untrue."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.glossary.models import Term
from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from catalog.search.completion import MIN_WORDS, refresh_prefix_cache, suggest
from catalog.search.index.models import IndexedWord
from catalog.search.models import CachedPrefix
from kernel import clock
from tests import factories
from tests.catalog.sample_catalog import SampleCatalog, make_sample_catalog, reindex

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> SampleCatalog:
    made = make_sample_catalog()
    IndexedWord.objects.bulk_create(
        IndexedWord(word=f"{letter}{number:03}", documents=0, trigrams=[])
        for letter in "cms"
        for number in range(MIN_WORDS)
    )
    refresh_prefix_cache(all_prefixes=True)
    return made


def list_completions(shelf: SampleCatalog, text: str) -> list[str]:
    return [found.label for found in suggest(text, person=shelf.ana)]


def is_cached(prefix: str) -> bool:
    rows = CachedPrefix.objects.filter(prefix=prefix).values_list("completions", flat=True)
    return bool(rows) and None not in rows


def count_queries(shelf: SampleCatalog, text: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        suggest(text, person=shelf.ana)
    return len(captured)


def test_a_beginning_that_many_words_share_takes_one_query_and_offers_the_same(shelf: SampleCatalog) -> None:
    assert (is_cached("c"), is_cached("z"), count_queries(shelf, "c")) == (True, False, 1)
    told = suggest("C", person=shelf.ana)
    CachedPrefix.objects.all().delete()

    assert told == suggest("C", person=shelf.ana)
    assert {"Card Spend", "claim"} <= {each.label for each in told}


@pytest.mark.parametrize("text", ["claim c", "-c", '"c', "c ", "cla"])
def test_what_is_more_than_a_beginning_is_looked_for(shelf: SampleCatalog, text: str) -> None:
    CachedPrefix.objects.update(completions=[["word", "wrong", ""]])

    assert "wrong" not in list_completions(shelf, text)
    assert list_completions(shelf, "c") == ["wrong"]


def test_what_is_hidden_is_offered_no_more(shelf: SampleCatalog) -> None:
    assert "merchant" in list_completions(shelf, "m")
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(is_published=False)

    assert list_completions(shelf, "m") == []
    assert "Card Spend" not in list_completions(shelf, "c")


def test_words_of_a_table_that_is_gone_or_says_something_else_are_offered_no_more(
    shelf: SampleCatalog,
) -> None:
    assert "status" in list_completions(shelf, "s")
    Table.objects.filter(pk=shelf.unlisted_table.pk).update(tombstoned_at=clock.now())

    assert "status" not in list_completions(shelf, "s")


def test_a_new_name_is_offered_at_once(shelf: SampleCatalog) -> None:
    factories.make_product(shelf.insurance, shelf.ines, [], "Mule Watch")
    reindex()
    Term.objects.create(
        slug="m", name="Margin", definition="What is left.", owner_team=shelf.insurance.owner_team
    )

    assert list_completions(shelf, "m")[:2] == ["Mule Watch", "Margin"]
    DataProduct.objects.filter(name="Mule Watch").update(name="MULE Watch")
    Term.objects.filter(slug="m").update(name="Net")
    assert list_completions(shelf, "m")[:2] == ["MULE Watch", "merchant"]


def test_what_was_taken_back_is_told_anew_and_what_stands_is_not_written(shelf: SampleCatalog) -> None:
    assert refresh_prefix_cache(all_prefixes=True) == refresh_prefix_cache(all_prefixes=False) == 0
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(name="Cards Spent")
    assert not is_cached("c")

    assert refresh_prefix_cache(all_prefixes=False) > 0
    assert is_cached("c")
    assert "Cards Spent" in list_completions(shelf, "c")
    assert refresh_prefix_cache(all_prefixes=False) == 0
