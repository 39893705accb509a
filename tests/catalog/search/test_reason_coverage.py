"""The reasons of a hit tell each word that was sought before they tell one of them again."""

from collections.abc import Sequence

import pytest

from catalog.search.glossary_terms import MatchedTerm
from catalog.search.snippets import Candidate, Matcher
from catalog.search.terms import parse_terms

pytestmark = pytest.mark.django_db

CLAIMS = [
    Candidate("name", "", "Claims"),
    Candidate("summary", "", "Each claim of a policy."),
    Candidate("table", "", "claims"),
    Candidate("column", "claims", "claim_id"),
]
AMOUNT = Candidate("column", "claims", "amount")


def matcher_of(asked: str, texts: list[Candidate], matched: Sequence[MatchedTerm] = ()) -> Matcher:
    matcher = Matcher(parse_terms(asked), matched)
    matcher.read_stems(one.text for one in texts)
    return matcher


def told(asked: str, texts: list[Candidate], matched: Sequence[MatchedTerm] = ()) -> list[str]:
    matcher = matcher_of(asked, texts, matched)
    return [reason.text for reason in matcher.reasons(texts, 3)]


def test_of_one_word_the_first_reasons_are_told() -> None:
    assert told("claims", [*CLAIMS, AMOUNT]) == ["Claims", "Each claim of a policy.", "claims"]


def test_a_word_that_a_later_text_alone_tells_takes_the_place_of_one_told_before() -> None:
    assert told("claims amount", [*CLAIMS, AMOUNT]) == ["Claims", "Each claim of a policy.", "amount"]


def test_a_text_that_alone_tells_a_word_keeps_its_place() -> None:
    found = told("policy claims amount", [*CLAIMS, AMOUNT])
    assert found == ["Claims", "Each claim of a policy.", "amount"]


def test_a_third_text_of_a_field_is_told_if_it_tells_another_word() -> None:
    columns = [
        Candidate("column", "claims", text) for text in ("claim_id", "claim_date", "claim_no", "amount")
    ]
    assert told("claims amount", columns) == ["claim_id", "claim_date", "amount"]


def test_a_word_that_may_be_unfinished_is_told_by_what_begins_with_it() -> None:
    assert told("claims amo", [*CLAIMS, AMOUNT]) == ["Claims", "Each claim of a policy.", "amount"]


def test_another_word_of_a_term_tells_what_was_said_of_it() -> None:
    nothing: frozenset[int] = frozenset()
    amount = MatchedTerm("amount", "Amount", "", ("amount",), ("sum",), (), nothing, nothing)
    assert told("claims amount", [*CLAIMS, Candidate("column", "claims", "sum")], [amount]) == [
        "Claims",
        "Each claim of a policy.",
        "sum",
    ]


def test_where_no_text_tells_a_word_the_first_reasons_stay() -> None:
    assert told("claims unheard", CLAIMS) == ["Claims", "Each claim of a policy.", "claims"]


def test_no_more_than_are_wanted_are_told() -> None:
    matcher = matcher_of("claims", CLAIMS)
    assert matcher.reasons(CLAIMS, 0) == ()
    assert matcher.reasons(CLAIMS, -1) == ()
