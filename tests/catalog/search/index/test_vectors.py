"""Vectors are those that PostgreSQL would make of the same words."""

import random
from collections.abc import Sequence

import pytest
from django.db import connection

from catalog.search.index.indexing import MAX_CHARACTERS, MAX_POSITION, Lexicon, build_vector_text
from catalog.search.index.tokenizer import build_indexed_words, words

pytestmark = pytest.mark.django_db

_BOTH = """(
  SELECT coalesce(string_agg(lexeme || ':' || array_to_string(positions, ','), ' '), '')::tsvector FROM (
    SELECT * FROM unnest(to_tsvector('simple', {text})) UNION ALL
    SELECT * FROM unnest(to_tsvector('english', {text}))) AS one)"""
VECTOR = " || ".join(f"setweight({_BOTH.format(text=letter)}, '{letter}')" for letter in "abcd")
ORACLE = f"SELECT {VECTOR} = %s::tsvector FROM (VALUES (%s, %s, %s, %s)) AS given(a, b, c, d)"
WORDS = [
    "the",
    "claims",
    "claim",
    "of",
    "running",
    "iban",
    "2026",
    "7b",
    "a1",
    "x",
    "policies",
    "and",
    "0042",
]
SPECIAL = ["1e5", "12e3x", "zürich", "保険", "Страх", "straßes", "w" * 600, "w" * 3000, "1e", "2e10th"]


def build_vector(*weights: list[str]) -> str:
    """Of A, and of B, C and D if they are given."""
    lexicon = Lexicon()
    lexicon.learn([word for words in weights for word in words])
    return build_vector_text(_four(weights), lexicon)


def _four(weights: Sequence[list[str]]) -> list[list[str]]:
    return [*weights, *([[]] * (4 - len(weights)))]


def agrees(*weights: list[str]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(ORACLE, [build_vector(*weights), *[" ".join(words) for words in _four(weights)]])
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize("seed", range(30))
def test_a_vector_is_the_one_that_postgresql_makes(seed: int) -> None:
    lots = random.Random(seed)
    known = [*WORDS, *SPECIAL] if seed % 2 else WORDS

    assert agrees(*[lots.choices(known, k=lots.choice([0, 1, 5, 40])) for _ in "abcd"])


@pytest.mark.parametrize("word", SPECIAL)
def test_a_word_that_postgresql_may_read_otherwise_is_read_so(word: str) -> None:
    assert agrees(["claims", word, "of"], [word], ["running", word, word])


def test_a_text_of_thousands_of_words_has_its_vector_too() -> None:
    assert agrees(["claim", "id"], [f"word{n}" for n in range(7_900)], ["the", "of", "and"])


def test_words_after_the_last_position_are_at_it() -> None:
    assert agrees([], [f"w{n}" for n in range(MAX_POSITION + 100)], ["claims"])
    assert agrees(["保険"], [f"w{n}" for n in range(MAX_POSITION + 100)], ["1e5"])


@pytest.mark.parametrize("times", [250, 300, 9000])
def test_a_word_that_is_repeated_often_is_found(times: int) -> None:
    vector = build_vector(["claims"], ["word"] * times, ["words"])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT %s::tsvector @@ 'word & claim'::tsquery, length(%s::tsvector)", [vector, vector]
        )
        assert cursor.fetchone() == (True, 4)


def test_more_characters_than_a_vector_holds_are_cut() -> None:
    many = [f"{n}{'x' * 400}" for n in range(3 * MAX_CHARACTERS // 400)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT length(%s::tsvector)", [build_vector(many, many, many)])
        assert 400 < cursor.fetchone()[0] < len(many)


@pytest.mark.parametrize(
    "text", ["gold_claim birth", "GOLD_CLAIM", "Claim Id", "a__b_ _c", "2024_q1 x1_y2", "A B_c"]
)
def test_the_quick_way_to_the_words_finds_what_the_long_way_finds(text: str) -> None:
    found = build_indexed_words([text], [], [])

    assert found == build_indexed_words([f"été {text}"], [], [])[1:]
    assert {word.text for word in words(text)} <= set(found)
