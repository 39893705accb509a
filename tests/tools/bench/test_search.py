"""`manage.py bench search`: a slice, for what it checks; not for how long things take."""

import random

import pytest

from tests.tools.bench.command import run_bench
from tools.bench.search.corpus import build_queries, generate_corpus, list_long_words, misspell


@pytest.mark.all
def test_a_small_catalog_is_searched_without_a_hidden_hit_and_every_facet_adds_up() -> None:
    run = run_bench("search", "--quick", "--tables", "300", "--seconds", "0.01")
    run.check()
    assert run.figures["hits that must not be seen"]["value"] == 0
    assert run.figures["facets that do not add up"]["value"] == 0
    assert run.figures["hits that were checked"]["value"] > 0


def test_a_corpus_and_its_questions_are_the_same_again() -> None:
    assert list(generate_corpus(50, 1)) == list(generate_corpus(50, 1))
    assert build_queries(3) == build_queries(3) != build_queries(4)


def test_hidden_tables_are_in_no_published_product() -> None:
    tables = list(generate_corpus(1200, 1))

    assert {table.product for table in tables if table.is_hidden} == {""}
    assert any(table.is_hidden for table in tables)
    assert any(table.product for table in tables)


def test_a_misspelt_word_is_another_word_with_the_same_letters_or_one_less() -> None:
    lots = random.Random(1)
    for word in list_long_words():
        wrong = misspell(word, lots)
        assert wrong != word
        assert len(word) - len(wrong) in {0, 1}
