"""Only what may hold a word that is sought is taken apart into its words; nothing that holds one is left out."""

import pytest

from catalog.search.index.tokenizer import words
from catalog.search.snippets import Candidate, Matcher
from catalog.search.terms import parse_terms
from catalog.search.text_queries import MatchedTerm

HOLDING = [
    ("history", "gold_claimHistory"),
    ("history", "Histories of claims"),
    ("claim", "goldClaims"),
    ("iban", "customerIBAN"),
    ("number", "IBANNumber"),
    ("number", "old-number"),
    ("number", "an old\nNUMBER"),
    ("2024", "claims_2024"),
    ("2", "2nd"),
    ("h", "gold_History"),
    ("fly", "flies"),
    ("zurich", "Zürich"),
    ("Zürich", "zurich"),
    ("überzahlung", "Überzahlung"),
    ("claimhis", "claim_history"),
    ("idnumber", "id_number"),
    ("2024", "claims2024"),
    ("km", "30km"),
    ("q4", "in Q 4"),
    ("us", "U.S. census"),
]


@pytest.mark.parametrize(("asked", "text"), HOLDING)
def test_what_holds_a_word_that_is_sought_is_taken_apart(asked: str, text: str) -> None:
    assert Matcher(parse_terms(asked)).may_match(text)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("history", "prehistoric"),
        ("claim", "acclaimed"),
        ("iban", "caliban"),
        ("2024", "claims_12024"),
        ("zurich", "Frühzürich"),
        ("", "claims"),
    ],
)
def test_what_holds_it_within_a_word_alone_is_not(asked: str, text: str) -> None:
    assert not Matcher(parse_terms(asked)).may_match(text)


def test_every_word_that_a_text_is_taken_apart_into_is_found_in_it() -> None:
    texts = [text for _, text in HOLDING]
    parts = [(word.text, text) for text in texts for word in words(text)]
    assert [one for one in parts if not Matcher(parse_terms(one[0])).may_match(one[1])] == []


def test_a_synonym_is_sought_too() -> None:
    nothing: frozenset[int] = frozenset()
    term = MatchedTerm("policy", "Policy", "", ("policy",), ("insurance contract",), (), nothing, nothing)
    matcher = Matcher(parse_terms("policy"), [term])
    held = [Candidate("comment", "", text) for text in ("The contract", "Its holder", "A Policy", "Ürün")]
    assert [one.text for one in matcher.select(held)] == ["The contract", "A Policy"]
