"""Identifiers come apart into the words that people type."""

import pytest

from catalog.search.index.tokenizer import MAX_TEXT, build_indexed_words, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gold_claimHistory", ["gold", "claim", "history"]),
        ("XMLFile", ["xml", "file"]),
        ("q1_2024", ["q1", "2024"]),
        ("landsat8 Landsat-8", ["landsat", "8", "landsat", "8"]),
        ("10m 3x3 k8s no2", ["10m", "3", "x3", "k8s", "no2"]),
        ("β-carotene TNF\u03b1", ["beta", "carotene", "tnf", "alpha"]),
        ("ﬁle cafe\u0301s \uff12\uff10", ["file", "cafes", "20"]),
        ("a3f9c2e1d4b5f6", ["a3f9c2e1d4b5f6"]),
        ("Zürich, naïve Straße", ["zurich", "naive", "strasse"]),
        ("保険 Страх", ["保険", "страх"]),
        ("--- \x00 ''", []),
    ],
)
def test_words_of_identifiers_and_sentences(text: str, expected: list[str]) -> None:
    assert [word.text for word in words(text, is_name=True)] == expected


def test_a_word_knows_where_it_stands() -> None:
    text = "the gold_claimHistory"

    assert [text[word.start : word.end] for word in words(text, is_name=True)] == [
        "the",
        "gold",
        "claim",
        "History",
    ]


def test_what_people_type_in_one_piece_is_indexed_too() -> None:
    indexed = build_indexed_words([], ["gold_claimHistory birth_date"], [])

    assert {"claimhistory", "goldclaimhistory", "birthdate"} < set(indexed)


def test_an_endless_text_is_cut() -> None:
    assert len(" ".join(build_indexed_words(["word " * 100_000], [], []))) <= MAX_TEXT
