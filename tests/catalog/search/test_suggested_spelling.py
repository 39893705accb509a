"""Searches that find something are asked about where another spelling is far more frequent and finds more."""

import pytest

from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from catalog.search.index.models import IndexedWord
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
    return make_sample_catalog()


def describe(shelf: SampleCatalog, description: str, common: str, documents: int = 1000) -> None:
    """Card Spend is described so. The two others contain `common`, as if so many documents did."""
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(description=description)
    Table.objects.exclude(name="card_spend").update(description=f"The {common} of cards")
    reindex()
    IndexedWord.objects.filter(word=common).update(documents=documents)


@pytest.mark.parametrize(
    ("word", "common", "documents", "expected"),
    [
        ("histoty", "history", 100, "history"),
        ("histoty", "history", 99, ""),
        ("hstory", "history", 3, "history"),
        ("hstory", "history", 2, ""),
        ("ihstory", "history", 3, "history"),
        ("laims", "claims", 50, ""),
        ("dsta", "data", 500, ""),
        ("histori", "history", 500, ""),
        ("histor", "history", 500, ""),
        ("amount7x", "amount8x", 500, ""),
        ("amuont", "amount", 500, "amount"),
    ],
)
def test_how_much_more_frequent_it_is(
    shelf: SampleCatalog, word: str, common: str, documents: int, expected: str
) -> None:
    describe(shelf, f"Contains {word} of cards.", common, documents)

    result = search_as_ana(shelf, f"q={word}")

    assert ("Card Spend" in list_hit_names(result), result.did_you_mean) == (True, expected)


@pytest.mark.parametrize(
    "description",
    [
        "Zahlungen mit der Karte und die hstory von dem Konto",
        "The HSTORY of a card",
        "Les paiements et la hstory de la carte dans le temps",
    ],
)
def test_acronyms_and_words_of_other_languages(shelf: SampleCatalog, description: str) -> None:
    describe(shelf, description, "history")

    assert search_as_ana(shelf, "q=hstory").did_you_mean == ""


def test_an_acronym_in_the_search(shelf: SampleCatalog) -> None:
    describe(shelf, "hstry", "hastry")

    assert search_as_ana(shelf, "q=hstry").did_you_mean == "hastry"
    assert search_as_ana(shelf, "q=HSTRY").did_you_mean == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("card_hstory", ""),
        ("card hstory", ""),
        ("cards_gold.card_hstory", ""),
        ("cards_gold hstory", "cards_gold history"),
        ("hstory card", "history card"),
    ],
)
def test_an_exact_hit_is_not_asked_about(shelf: SampleCatalog, text: str, expected: str) -> None:
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(is_published=False)
    DataProduct.objects.get(pk=shelf.card_spend.pk).tables.clear()
    Table.objects.filter(name="card_spend").update(name="card_hstory")
    describe(shelf, "", "history of cards_gold and")
    IndexedWord.objects.filter(word="history").update(documents=1000)

    result = search_as_ana(shelf, f"q={text}")

    assert (list_hit_names(result)[:1], result.did_you_mean) == (["card_hstory"], expected)


@pytest.mark.parametrize("names", [{"name": "Card hstory"}, {"keywords": ["hstory"]}])
def test_a_word_of_a_products_name_or_keyword(shelf: SampleCatalog, names: dict[str, object]) -> None:
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(**names)
    describe(shelf, "", "history")

    assert (search_as_ana(shelf, "q=hstory").total, search_as_ana(shelf, "q=hstory").did_you_mean) == (1, "")


def test_it_finds_more_with_the_other_words(shelf: SampleCatalog) -> None:
    describe(shelf, "hstory of cards", "history")

    assert search_as_ana(shelf, "q=hstory+cards").did_you_mean == "history cards"
    assert search_as_ana(shelf, "q=hstory+merchant").did_you_mean == ""
    assert search_as_ana(shelf, "q=hstory+tier:silver").did_you_mean == ""


def test_behind_one_stray_hit_come_those_of_the_other_spelling(shelf: SampleCatalog) -> None:
    describe(shelf, "hstory of cards", "history", 3)

    result = search_as_ana(shelf, "q=hstory")
    names = list_hit_names(result)

    assert (names[0], result.corrected, result.is_stray_kept) == ("Card Spend", "history", True)
    assert names[1:] == list_hit_names(search_as_ana(shelf, "q=history"))
    assert not search_as_ana(shelf, "q=history").is_stray_kept


def test_a_misspelling_in_several_texts(shelf: SampleCatalog) -> None:
    describe(shelf, "", "history")
    database = shelf.claims_table.database
    for at, word in enumerate(["hstory", "history"] * 3):
        table = factories.make_table(database, f"events_{at}", ["id"])
        Table.objects.filter(pk=table.pk).update(description=f"The {word} of cards")
    reindex()
    IndexedWord.objects.filter(word="history").update(documents=30)

    result = search_as_ana(shelf, "q=hstory")

    assert (result.total, result.did_you_mean) == (3, "history")
