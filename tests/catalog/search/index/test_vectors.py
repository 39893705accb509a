"""Vectors that are made here are those that PostgreSQL would make."""

import random

import pytest
from django.db import connection

from catalog.search.index.tokenizer import index_text, indexed_words, words
from catalog.search.index.vectors import VECTOR, Stems, vector_text

pytestmark = pytest.mark.django_db

ASK = f"SELECT {VECTOR} = %s::tsvector FROM (VALUES (%s, %s, %s)) AS said(a, b, c)"
SAID = ["the", "claims", "claim", "of", "running", "iban", "2026", "7b", "a1", "x", "policies", "and", "0042"]


def made(*weights: list[str]) -> str | None:
    stems = Stems()
    stems.learn([word for words in weights for word in words])
    return vector_text(weights, stems)


def agree(texts: list[str]) -> bool:
    said = [indexed_words([text], []) for text in texts]
    vector = made(*said)
    assert vector is not None
    with connection.cursor() as cursor:
        cursor.execute(ASK, [vector, *[" ".join(listed) for listed in said]])
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize("seed", range(30))
def test_a_vector_is_the_one_that_postgresql_makes(seed: int) -> None:
    lots = random.Random(seed)
    texts = [" ".join(lots.choices(SAID, k=lots.choice([0, 1, 5, 40]))) for _ in "abc"]

    assert agree(texts)


def test_endless_text_is_left_to_postgresql() -> None:
    assert made(["claims"], ["word"] * 9000, []) is None
    assert made([], ["word"] * 300, []) is None


def test_a_text_of_thousands_of_words_has_its_vector_too() -> None:
    assert agree(["claim_id", " ".join(f"word{n}" for n in range(7_900)), "the of and"])


@pytest.mark.parametrize("word", ["1e5", "12e3x", "zürich", "保険", "w" * 3000])
def test_what_the_parser_may_read_otherwise_is_left_to_it(word: str) -> None:
    assert made(["claims"], [word], []) is None


@pytest.mark.parametrize(
    "text", ["gold_claim birth", "GOLD_CLAIM", "Claim Id", "a__b_ _c", "2024_q1 x1_y2", "A B_c"]
)
def test_the_short_way_to_the_words_finds_what_the_long_way_finds(text: str) -> None:
    long_way = index_text([f"é {text}"]).removeprefix("e ")

    assert index_text([text]) == long_way
    assert {word.text for word in words(text)} <= set(index_text([text]).split())
