"""A search is its address: read from it, written to it, and safe whatever stands there."""

import pytest

from catalog.search.query import SearchQuery
from catalog.search.terms import parse_terms


def test_an_address_and_its_query_are_one() -> None:
    address = "q=claim+history&domain=cards&domain=insurance&tier=gold&access=have&sort=newest"

    query = SearchQuery.parse(address)

    assert query.text == "claim history"
    assert query.domain == ("cards", "insurance")
    assert query.to_querystring() == address


def test_the_shortest_address_is_empty() -> None:
    assert SearchQuery().to_querystring() == ""
    assert SearchQuery.parse("").is_empty


def test_choosing_a_value_twice_takes_it_back() -> None:
    once = SearchQuery(text="claims").toggled("tier", "gold")

    assert once.tier == ("gold",)
    assert once.toggled("tier", "gold") == SearchQuery(text="claims")


def test_what_makes_no_sense_is_left_out() -> None:
    query = SearchQuery.parse("sort=rank&domain=%00&domain=a%27b&unknown=1&q=%00%20&q=second")

    assert query == SearchQuery()


def test_a_text_of_ten_thousand_characters_is_cut() -> None:
    assert len(SearchQuery.parse("q=" + "x" * 10_000).text) == 200


@pytest.mark.parametrize(
    ("text", "full", "last"),
    [
        ("gold_claim_history", "gold claim history", "history"),
        ("claimHistory", "claimhistory", "claimhistory"),
        ("LandSat-8", "landsat 8", "landsat8"),
        ("data q 4", "data q4", "q4"),
        ("resolution 10 m", "resolution 10m", "m"),
        ('"loss ratio" clai', '"loss ratio" clai', "clai"),
        ("claims -card_spend", 'claims -"card spend"', ""),
        ("claims or policies", "claims or policies", "policies"),
        ("this_or_that", 'this "or" that', "that"),
        ("'); DROP TABLE x; --", "drop table x", ""),
        ('"open', '"open"', ""),
        ("!!! ''", "", ""),
    ],
)
def test_only_words_quotes_and_exclusions_reach_the_database(text: str, full: str, last: str) -> None:
    asked = parse_terms(text)

    assert (asked.full, asked.last) == (full, last)
