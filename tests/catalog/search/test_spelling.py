"""Misspelt words are put right when they find nothing, and never by or because of what is hidden."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.products.models import DataProduct
from catalog.search.index import vocabulary
from catalog.search.index.models import IndexedWord
from catalog.search.index.vocabulary import add_words
from catalog.search.plans import rare_term_plan
from catalog.search.spelling import compute_edit_distance
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


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("claim", "claim", 0),
        ("calim", "claim", 1),
        ("clams", "claims", 1),
        ("", "abc", 3),
        ("policy", "polices", 2),
    ],
)
def test_a_swap_is_one_error(one: str, other: str, expected: int) -> None:
    assert compute_edit_distance(one, other) == expected


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        ("calims", "claims"),
        ("mercahnt", "merchant"),
        ("merchnat spend", "merchant spend"),
        ("gold_claimHistroy", "gold_claimhistory"),
        ("Zurcih", "zurich"),
    ],
)
def test_a_misspelt_word_finds_what_was_meant(shelf: SampleCatalog, text: str, corrected: str) -> None:
    result = search_as_ana(shelf, f"q={text}")

    assert result.total
    assert result.corrected.casefold() == corrected


def test_what_finds_something_is_left_alone(shelf: SampleCatalog) -> None:
    assert search_as_ana(shelf, "q=claims").corrected == ""
    assert search_as_ana(shelf, "q=clai").corrected == ""
    assert search_as_ana(shelf, "q=zebra").corrected == ""


def test_each_word_may_be_known_and_nothing_hold_both(shelf: SampleCatalog) -> None:
    result = search_as_ana(shelf, "q=merchant+history")

    assert all(hit.missing for hit in result.hits)
    assert result.corrected == ""


def test_filters_that_leave_nothing_correct_no_word(shelf: SampleCatalog) -> None:
    assert search_as_ana(shelf, "q=claims&tier=bronze").corrected == ""


def test_facets_lead_on_from_the_corrected_text(shelf: SampleCatalog) -> None:
    facet = next(facet for facet in search_as_ana(shelf, "q=mercahnt").facets if facet.name == "tier")

    assert facet.values[0].querystring == "q=merchant&tier=silver"


def test_nothing_is_corrected_to_a_hidden_word(shelf: SampleCatalog) -> None:
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(is_published=False)

    assert search_as_ana(shelf, "q=mercahnt").corrected == ""


def test_a_hidden_word_is_as_unknown_as_any_other(shelf: SampleCatalog) -> None:
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(description="chaims", is_published=False)
    reindex()
    assert IndexedWord.objects.filter(word="chaims").exists()

    assert search_as_ana(shelf, "q=chaims").corrected == "claims"


def test_a_rare_word_beside_a_common_one_is_asked_about(shelf: SampleCatalog) -> None:
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(description="clams")
    reindex()
    IndexedWord.objects.filter(word="claims").update(documents=40)

    result = search_as_ana(shelf, "q=clams")

    assert list_hit_names(result) == ["Card Spend", "Claims", "gold_claimHistory"]
    assert (result.corrected, result.did_you_mean, result.is_stray_kept) == ("claims", "claims", True)


@pytest.mark.parametrize(("common", "expected"), [(10, "status"), (100, "stays")])
def test_a_letter_left_out_is_likelier_than_a_wrong_one(
    shelf: SampleCatalog, common: int, expected: str
) -> None:
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(description="stays")
    reindex()
    IndexedWord.objects.filter(word="stays").update(documents=common)
    IndexedWord.objects.filter(word="status").update(documents=1)

    assert search_as_ana(shelf, "q=staus").corrected == expected


def test_a_rare_word_is_put_right_where_a_filter_leaves_nothing_of_it(shelf: SampleCatalog) -> None:
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(description="clams")
    reindex()
    IndexedWord.objects.filter(word="claims").update(documents=40)

    result = search_as_ana(shelf, "q=column:paidamount+clams")

    assert (list_hit_names(result), result.corrected) == (["Claims"], "column:paidamount claims")


def test_a_correction_costs_two_queries_and_searches(
    shelf: SampleCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rare_term_plan, "_cached", rare_term_plan.FacetCodes())
    vocabulary._cache.clear()
    with CaptureQueriesContext(connection) as captured:
        search_as_ana(shelf, "q=mercahnt")

    assert len(captured) <= 20


def test_filters_are_not_corrected(shelf: SampleCatalog) -> None:
    result = search_as_ana(shelf, "q=column:paid+-domain:calims+calims")

    assert (list_hit_names(result), result.corrected) == (["Claims"], "column:paid -domain:calims claims")


def test_stop_words_are_not_corrected(shelf: SampleCatalog) -> None:
    DataProduct.objects.filter(pk=shelf.claims.pk).update(description="form")
    reindex()

    assert search_as_ana(shelf, "q=calims+for+zebras").corrected == ""
    assert search_as_ana(shelf, "q=calims+for+paid").corrected == "claims for paid"


def test_a_word_one_error_away_is_found_among_many_that_share_letters(shelf: SampleCatalog) -> None:
    add_words([f"kind{letter}{other}" for letter in "abcdfgh" for other in "abcdfgh"])
    DataProduct.objects.filter(pk=shelf.claims.pk).update(description="kidney")
    reindex()

    assert search_as_ana(shelf, "q=kindey").corrected == "kidney"


def test_a_swap_and_a_missing_letter_are_likelier_than_two_letters_too_many(shelf: SampleCatalog) -> None:
    DataProduct.objects.filter(pk=shelf.claims.pk).update(description="kidneys of this kind")
    reindex()
    IndexedWord.objects.filter(word="kind").update(documents=20)

    assert search_as_ana(shelf, "q=kindey").corrected == "kidneys"


@pytest.mark.parametrize("text", ["arn:aws:glum", "s3://clims"])
def test_addresses_are_not_corrected(shelf: SampleCatalog, text: str) -> None:
    result = search_as_ana(shelf, f"q={text}")

    assert (result.corrected, result.did_you_mean) == ("", "")
