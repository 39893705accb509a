"""Each spelling of a code finds the same documents, in which it has any spelling."""

import random
from itertools import product

import pytest
from django.db import connection

from catalog.search.index.indexing import Lexicon, build_vector_text
from catalog.search.index.tokenizer import build_indexed_words
from catalog.search.index.vocabulary import STOP_WORDS
from catalog.search.terms import build_tsquery_text, parse_terms

pytestmark = pytest.mark.django_db
NUMBERED = [
    ("landsat", "8"), ("covid", "19"), ("q", "4"), ("10", "m"), ("h", "1", "n", "1"), ("census", "2020"), ("30", "km"),
]  # fmt: skip
NAMED = [
    ("claim", "history"),
    ("k", "means"),
    ("follow", "up"),
    ("pm", "2", "5"),
    ("sentinel", "2", "l", "2", "a"),
]
FILLER = ["monthly", "the", "of", "surface", "claims", "2024", "reflectance", "grid", "7"]
CONNECTORS = ["", "-", "_", ".", "/", "\u2011"]
CASES = [str.lower, str.upper, str.title]
_MATCHING = """SELECT at FROM unnest(%s::text[]) WITH ORDINALITY AS one(vector, at)
WHERE vector::tsvector @@ to_tsquery('english', %s)"""


def spell(parts: tuple[str, ...], connectors: list[str]) -> list[str]:
    return [case(connector.join(parts)) for connector, case in product(connectors, CASES)]


def find(documents: list[str], query: str, *, are_names: bool = False) -> list[int]:
    texts = [
        build_indexed_words([], [text], []) if are_names else build_indexed_words([text], [], [])
        for text in documents
    ]
    lexicon = Lexicon()
    lexicon.learn({word for text in texts for word in text})
    vectors = [build_vector_text((text, [], [], []), lexicon) for text in texts]
    with connection.cursor() as cursor:
        cursor.execute(_MATCHING, [vectors, build_tsquery_text(parse_terms(query).words)])
        return [at for (at,) in cursor.fetchall()]


@pytest.mark.parametrize("parts", NUMBERED, ids="".join)
def test_each_spelling_of_a_code_with_a_number_has_the_same_words(parts: tuple[str, ...]) -> None:
    terms = {(each.words, each.positive) for each in map(parse_terms, spell(parts, [*CONNECTORS, " "]))}

    assert len(terms) == 1


@pytest.mark.parametrize("parts", NUMBERED, ids="".join)
def test_a_code_with_a_number_is_found_in_each_spelling(parts: tuple[str, ...]) -> None:
    chosen = random.Random("".join(parts))
    documents = spell(parts, [*CONNECTORS, " "])
    texts = [
        " ".join([*chosen.choices(FILLER, k=3), text, *chosen.choices(FILLER, k=3)]) for text in documents
    ]

    for query in documents:
        assert find(texts, query) == list(range(1, len(texts) + 1)), query


@pytest.mark.parametrize("parts", NAMED, ids="".join)
@pytest.mark.parametrize("are_names", [True, False])
def test_a_code_in_one_piece_is_found_in_each_spelling(parts: tuple[str, ...], *, are_names: bool) -> None:
    documents = [f"{text} {other}" for text, other in zip(spell(parts, CONNECTORS), FILLER * 2, strict=True)]

    for query in spell(parts, CONNECTORS):
        assert find(documents, query, are_names=are_names) == list(range(1, len(documents) + 1)), query


@pytest.mark.parametrize(
    "query", ["claimHistory", "claim history", "claim_history", "ClaimHistory", "claimhistory"]
)
def test_camel_case_is_found_in_each_spelling(query: str) -> None:
    assert find(["claimHistory", "ClaimHistory", "claim_history", "GoldClaims"], query, are_names=True) == [
        1,
        2,
        3,
    ]


@pytest.mark.parametrize("query", ["GitHub", "github", "git hub", "git-hub"])
def test_a_name_in_prose_is_one_word_that_is_found_by_its_parts(query: str) -> None:
    assert find(["Issues on GitHub.", "Issues of github", "A hub of git"][:2], query) == [1, 2]
    assert find(["Issues on GitHub."], "hub") == []


@pytest.mark.parametrize("query", ["beta carotene", "β-carotene", "Β carotene", "beta-Carotene"])  # noqa: RUF001
def test_a_greek_letter_is_found_by_its_name(query: str) -> None:
    assert find(["The β-carotene.", "β carotene", "BetaCarotene of beta carotene", "carotene"], query) == [
        1,
        2,
        3,
    ]


@pytest.mark.parametrize("query", ["straße", "STRASSE", "Strasse", "ｓｔｒａｓｓｅ"])  # noqa: RUF001
def test_letters_are_found_by_their_plain_ones(query: str) -> None:
    assert find(["Straße", "strasse", "S\u0301trasse", "stra\u00adsse", "strase"], query) == [1, 2, 3, 4]


def test_parts_of_a_code_are_found_alone() -> None:
    assert find(["Landsat8", "Sentinel-2"], "landsat") == [1]
    assert find(["Landsat8", "Sentinel-2"], "sentinel") == [2]


def test_a_year_need_not_follow_its_word() -> None:
    assert find(["Census of the year 2020", "census 2021"], "census 2020") == [1]


def test_stop_words_demand_nothing() -> None:
    assert find(["State art"], "the state of the art in") == [1]


def test_stop_words_are_those_of_postgresql() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word FROM unnest(%s::text[]) AS word WHERE ts_lexize('english_stem', word) = '{}'",
            [sorted(STOP_WORDS)],
        )
        assert {word for (word,) in cursor.fetchall()} == STOP_WORDS
