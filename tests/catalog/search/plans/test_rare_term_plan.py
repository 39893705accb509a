"""Words of which one is rare are found by a short statement of their own: the same hits, order and counts."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from psycopg._queries import MAX_CACHED_STATEMENT_LENGTH

from catalog.products.models import DataProduct, ProductTable
from catalog.search.index.models import LexemeCount
from catalog.search.index.vocabulary import count_words
from catalog.search.plans import matches, rare_term_plan
from catalog.search.plans.general_plan import GeneralPlan
from catalog.search.plans.matches import Matches, PageRange
from catalog.search.plans.rare_term_plan import RareTermPlan
from catalog.search.text_queries import RARE
from identity.accounts import Principal
from identity.people.models import Team
from tests.catalog.sample_catalog import (
    SampleCatalog,
    find_matches,
    make_sample_catalog,
    observe_select,
    reindex,
    search_as_ana,
)

pytestmark = pytest.mark.django_db
WORDS = [
    "claim history",
    "claims paid",
    "card sp",
    "status history claim",
    "claim -card",
    '"card spend" merchant',
    "claims",
    "histor",
    "zzz spend",
]


@pytest.fixture
def shelf() -> SampleCatalog:
    """Ana's team is seen to read the table of Claims."""
    shelf = make_sample_catalog()
    observe_select(shelf.claims_table, Principal.objects.get(name="bi-analyst").arn)
    count_words()
    return shelf


@contextmanager
def the_long_way() -> Iterator[None]:
    with patch.object(RareTermPlan, "find", return_value=None):
        yield


def found(shelf: SampleCatalog, text: str) -> Matches:
    return find_matches(shelf, f"q={text}")


@pytest.mark.parametrize("text", WORDS)
def test_it_finds_counts_and_orders_as_the_long_statement_does(shelf: SampleCatalog, text: str) -> None:
    with patch.object(GeneralPlan, "find", side_effect=AssertionError):
        short = found(shelf, text)
    with the_long_way():
        long = found(shelf, text)

    assert short.rows == long.rows
    assert sorted(short.counts) == sorted(long.counts)


def goes_the_long_way(shelf: SampleCatalog, text: str) -> bool:
    with patch.object(GeneralPlan, "find", autospec=True, side_effect=GeneralPlan.find) as general:
        assert found(shelf, text).rows
    return general.called


@pytest.mark.parametrize("text", ["claims", "history", "card"])
def test_a_single_word_goes_the_short_way(shelf: SampleCatalog, text: str) -> None:
    assert not goes_the_long_way(shelf, text)


def test_a_number_is_counted(shelf: SampleCatalog) -> None:
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(summary="Card spend of 2023")
    reindex()

    assert not goes_the_long_way(shelf, "2023")
    LexemeCount.objects.update_or_create(lexeme="2023", defaults={"documents": RARE + 1})
    assert goes_the_long_way(shelf, "2023")


def test_a_misspelt_word_goes_the_short_way_and_finds_nothing(shelf: SampleCatalog) -> None:
    with patch.object(GeneralPlan, "find", side_effect=AssertionError):
        assert found(shelf, "clims").rows == ()


def test_a_word_is_as_frequent_as_the_one_that_is_its_stem(shelf: SampleCatalog) -> None:
    LexemeCount.objects.filter(lexeme="claim").update(documents=RARE + 1)

    assert goes_the_long_way(shelf, "claims")


def test_what_a_person_may_read_is_told_again_when_it_alters(shelf: SampleCatalog) -> None:
    before = search_as_ana(shelf, "q=paid+claims").hits[0].has_access
    Principal.objects.all().delete()

    assert (before, search_as_ana(shelf, "q=paid+claims").hits[0].has_access) == (True, False)


def test_a_team_that_is_named_anew_is_named_so_in_the_facets(shelf: SampleCatalog) -> None:
    search_as_ana(shelf, "q=paid+claims")
    Team.objects.filter(domains=shelf.insurance).update(name="Insurers")

    teams = next(facet for facet in search_as_ana(shelf, "q=paid+claims").facets if facet.name == "team")
    assert [value.label for value in teams.values] == ["Insurers"]


def test_a_product_that_is_hidden_is_gone_from_hits_and_counts(shelf: SampleCatalog) -> None:
    assert len(found(shelf, "paid claims").rows) == 1
    DataProduct.objects.update(is_published=False)

    hidden = found(shelf, "paid claims")
    assert (hidden.rows, [count for facet, *_, count in hidden.counts if facet != "access"]) == ((), [])


def test_more_matches_than_are_ranked_are_left_to_the_long_statement(
    shelf: SampleCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rare_term_plan, "MAX_FULLY_RANKED", 1)

    assert goes_the_long_way(shelf, "claim")


def test_who_may_read_very_much_is_answered_by_the_long_statement(
    shelf: SampleCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matches, "MAX_HELD", 0)

    assert goes_the_long_way(shelf, "paid claims")
    assert search_as_ana(shelf, "q=paid+claims").hits[0].has_access


def test_the_driver_keeps_how_it_reads_the_statement() -> None:
    assert len(rare_term_plan.STATEMENT) <= MAX_CACHED_STATEMENT_LENGTH


def test_a_product_without_tables_cannot_be_asked_for_but_its_table_can(shelf: SampleCatalog) -> None:
    ProductTable.objects.filter(product=shelf.card_spend).delete()
    reindex()

    access = next(facet for facet in search_as_ana(shelf, "q=card+spend").facets if facet.name == "access")
    assert [(value.value, value.count) for value in access.values] == [("ask", 1), ("none", 1)]


def test_the_second_page_goes_on_in_the_order_of_the_first(shelf: SampleCatalog) -> None:
    whole = found(shelf, "claim history").rows
    pages = [find_matches(shelf, "q=claim history", PageRange(1, at)).rows for at in range(len(whole))]

    assert pages == [(row,) for row in whole]
