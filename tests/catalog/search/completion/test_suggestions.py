"""While someone types, words and names are offered: such as find something, and none that only hidden things hold."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from catalog.search.completion import suggest
from catalog.search.index import vocabulary
from catalog.search.index.indexing import index_products
from catalog.search.index.models import IndexedWord
from catalog.search.index.vocabulary import count_words
from kernel import clock
from tests.catalog.sample_catalog import SampleCatalog, make_sample_catalog, reindex

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> SampleCatalog:
    return make_sample_catalog()


def list_completions(shelf: SampleCatalog, text: str, kind: str = "word") -> list[str]:
    return [found.text for found in suggest(text, person=shelf.ana) if found.kind == kind]


def count_queries(shelf: SampleCatalog, text: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        suggest(text, person=shelf.ana)
    return len(captured)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cla", ["claim"]),
        ("ZÜR", ["zurich"]),
        ("claim his", ["claim history"]),
        ("gold_claimHis", ["gold_claimhistory"]),
        ("merchant his", []),
        ("zebra", []),
        ("the", []),
        ("", []),
        ("cla ", []),
        ("-cla", []),
        ("claims", []),
        ("claim cla", []),
        ('"cla', ['"claim"']),
        ('-"cla', []),
        ('"claim"', []),
        ('"claim his', ['"claim history"']),
        ('"history cla', []),
        ('merchant "cla', []),
        ("tier:gold cla", ["tier:gold claim"]),
        ("'; DROP", []),
        ("%", []),
    ],
)
def test_words_that_begin_so_and_find_something(shelf: SampleCatalog, text: str, expected: list[str]) -> None:
    assert sorted(list_completions(shelf, text)) == sorted(expected)


def test_or_may_begin_a_word_and_a_code_is_completed_from_its_letters(shelf: SampleCatalog) -> None:
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(description="Spending by orbit of landsat81.")
    reindex()

    assert list_completions(shelf, "spending or") == ["spending orbit"]
    assert list_completions(shelf, "or") == ["orbit"]
    assert list_completions(shelf, "orbit landsat8") == ["orbit landsat81"]
    assert list_completions(shelf, "orbit or") == []


def test_products_are_offered_by_words_of_their_name(shelf: SampleCatalog) -> None:
    found = suggest("spe", person=shelf.ana)

    assert [(each.label, each.slug) for each in found if each.kind == "product"] == [
        ("Card Spend", shelf.card_spend.slug)
    ]
    assert list_completions(shelf, "merch", "product") == []


def test_what_stands_in_more_comes_first(shelf: SampleCatalog) -> None:
    DataProduct.objects.filter(pk=shelf.claims.pk).update(description="spent")
    reindex()

    assert list_completions(shelf, "spen") == ["spent", "spend"]


def test_words_of_what_is_hidden_are_not_offered_before_any_new_count(shelf: SampleCatalog) -> None:
    assert list_completions(shelf, "merc") == ["merchant"]
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(is_published=False)

    assert list_completions(shelf, "merc") == []
    assert suggest("spe", person=shelf.ana) == ()
    assert IndexedWord.objects.get(word="merchant").documents == 1


def test_words_of_what_is_gone_are_not_offered(shelf: SampleCatalog) -> None:
    Table.objects.filter(pk=shelf.unlisted_table.pk).update(tombstoned_at=clock.now())

    assert list_completions(shelf, "hist") == []


def test_a_count_counts_what_is_visible_and_writes_only_what_differs(shelf: SampleCatalog) -> None:
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(is_published=False)

    assert count_words() > 0
    assert IndexedWord.objects.get(word="merchant").documents == 0
    assert count_words() == 0


def test_counted_in_slices_it_is_the_same(shelf: SampleCatalog, monkeypatch: pytest.MonkeyPatch) -> None:
    told = set(IndexedWord.objects.values_list("word", "documents"))
    assert max(documents for _, documents in told) > 1
    IndexedWord.objects.update(documents=0)
    monkeypatch.setattr(vocabulary, "SLICE", 2)
    count_words()
    assert set(IndexedWord.objects.values_list("word", "documents")) == told


def test_words_of_one_product_are_offered_before_they_are_counted(shelf: SampleCatalog) -> None:
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(description="zumo claim")
    index_products([shelf.card_spend.pk])

    assert list_completions(shelf, "zum") == ["zumo"]
    assert IndexedWord.objects.get(word="zumo").documents == 0


def test_stems_numbers_and_stop_words_are_no_words(shelf: SampleCatalog) -> None:
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(description="the 2026 histories of it")
    reindex()

    known = set(IndexedWord.objects.values_list("word", flat=True))
    assert "histories" in known
    assert not known & {"histori", "2026", "the", "of", "it"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dom", ["domain:"]),
        ("claim -ti", ["claim -tier:"]),
        ("tier:", ["tier:silver", "tier:gold"]),
        ("claim tier:", ["claim tier:gold"]),
        ("-tier:si", ["-tier:silver"]),
        ("owner:in", ['owner:"Ines Roth"']),
        ("owner:ana", []),
        ('claim owner:"Ines R', ['claim owner:"Ines Roth"']),
        ("column:paid", ["column:paidAmount"]),
        ("column:", []),
        ("column:%", []),
        ("classification:s", ["classification:sensitive"]),
        ("has:", []),
        ("zoo:x", []),
    ],
)
def test_filters_complete_by_name_and_by_value(shelf: SampleCatalog, text: str, expected: list[str]) -> None:
    assert list_completions(shelf, text, "filter") == expected


def test_values_of_hidden_things_are_not_offered(shelf: SampleCatalog) -> None:
    DataProduct.objects.update(is_published=False)

    for text in ("tier:", "owner:", "column:merch", "column:paid"):
        assert list_completions(shelf, text, "filter") == []


def test_completion_takes_a_second_query_only_to_choose_among_forms(shelf: SampleCatalog) -> None:
    assert (count_queries(shelf, "claim his"), count_queries(shelf, "cla")) == (1, 2)
