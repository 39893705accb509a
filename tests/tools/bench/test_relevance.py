"""`manage.py bench search --relevance` on a few texts: what is measured, and what it is compared with."""

from pathlib import Path
from typing import Any

import pytest

from tests.database import as_role
from tests.tools.bench.command import run_bench
from tests.tools.bench.small_corpus import JUDGEMENTS, TEXTS
from tools.bench.report import BenchReport
from tools.bench.search.meshmarket import index_all
from tools.bench.search.relevance import engines
from tools.bench.search.relevance.engines import format_answers
from tools.bench.search.relevance.meshmarket import RelevanceSearch, TextFiller, assign_slugs
from tools.bench.search.relevance.scores import (
    FoundKeys,
    add_figures,
    compute_ndcg,
    compute_recall,
    pair_answers,
)
from tools.bench.search.relevance.texts import read_texts, write_texts

BEST: FoundKeys = {
    "meshmarket": [["lakes/ice", "ponds/ice"], ["lakes/depth"], ["bees/hives"], ["bees/hives"], ["lakes/ice"]],
    "tantivy": [["ponds/ice", "lakes/ice"], ["lakes/depth"], ["lakes/ice"], [], ["bees/hives", "lakes/ice"]],
}  # fmt: skip


def build_figures(found: FoundKeys) -> dict[str, dict[str, Any]]:
    board = BenchReport(lambda _line: None)
    add_figures(board, "small", TEXTS, pair_answers(JUDGEMENTS, found))
    return {figure.name: figure.as_json() for figure in board.figures}


def test_a_perfect_order_is_one_and_a_miss_is_nought() -> None:
    assert compute_ndcg(["a", "b"], {"a": 3, "b": 1}) == 1
    assert 0 < compute_ndcg(["b", "a"], {"a": 3, "b": 1}) < 1
    assert compute_ndcg([], {"a": 3}) == 0
    assert compute_ndcg([*"abcdefghij", "k"], {"k": 3}) == 0


def test_recall_counts_good_answers_among_the_first_ten() -> None:
    assert compute_recall(["a", "x"], {"a": 3, "b": 2, "c": 1}) == 0.5
    assert compute_recall([*"abcdefghij"], dict.fromkeys("abcdefghijklmno", 2)) == 1
    assert compute_recall([*"abcdefghij", "k"], {"k": 2}) == 0
    assert compute_recall(["c"], {"c": 1}) is None


def test_ours_is_held_against_the_peer_of_the_same_run() -> None:
    figures = build_figures(BEST)

    assert figures["small, used: NDCG@10"]["value"] == 1
    assert figures["tantivy: small, used: NDCG@10"]["value"] == 0.917
    assert figures["small, used: NDCG@10"]["must"] == ">= 0.956996"
    assert figures["small, unused: NDCG@10"]["must"] == ">= 0.04"
    assert figures["small, unused: recall@10"]["must"] == ">= 0"
    assert figures["small, used: better than tantivy"]["value"] == 1
    assert figures["small, used: worse than tantivy"]["value"] == 0
    assert figures["tantivy: small: misspelled queries found"]["value"] == 1
    assert all(figure["ok"] is not False for figure in figures.values())


def test_a_worse_order_more_empty_answers_and_lost_misspellings_are_missed() -> None:
    figures = build_figures(
        {"meshmarket": [["ponds/ice"], [], ["lakes/ice"], [], []], "tantivy": BEST["meshmarket"]}
    )

    missed = {name for name, figure in figures.items() if figure["ok"] is False}
    assert missed == {
        "small, used: NDCG@10", "small, used: recall@10", "small, used: nothing found",
        "small, unused: NDCG@10", "small, unused: recall@10", "small: misspelled queries found",
    }  # fmt: skip


def test_without_the_peer_ours_is_not_held_against_anything() -> None:
    figures = build_figures({"meshmarket": BEST["meshmarket"]})

    assert figures["small, used: NDCG@10"]["must"] is None
    assert "small, used: better than tantivy" not in figures


def test_a_judged_key_that_no_text_has_is_missed() -> None:
    board = BenchReport(lambda _line: None)
    add_figures(board, "small", TEXTS[1:], pair_answers(JUDGEMENTS, BEST))

    assert [figure.name for figure in board.missed] == ["small: judged keys that no text has"]


def test_answers_are_listed_from_the_worst_on_and_unused_ones_only_on_demand() -> None:
    answers = pair_answers(JUDGEMENTS, {"meshmarket": BEST["tantivy"], "tantivy": BEST["meshmarket"]})

    assert format_answers("small", answers, unused=False).splitlines() == [
        "[small] lake ice",
        "  NDCG@10: meshmarket 0.834, tantivy 1.000",
        "  judged: lakes/ice 3 | ponds/ice 2",
        "  meshmarket: ponds/ice 2 | lakes/ice 3",
        "  tantivy: lakes/ice 3 | ponds/ice 2",
        "",
        "[small] sonar",
        "  NDCG@10: meshmarket 1.000, tantivy 1.000",
        "  judged: lakes/depth 3",
        "  meshmarket: lakes/depth 3",
        "  tantivy: lakes/depth 3",
        "",
        "[small] beehvies: bees/hives is not among nothing",
    ]
    assert format_answers("small", answers, unused=True).startswith("[small] weight of honey")


def test_texts_are_read_as_they_were_written(tmp_path: Path) -> None:
    write_texts(tmp_path / "texts.json", TEXTS)

    assert read_texts(tmp_path / "texts.json") == TEXTS


def test_texts_of_one_name_have_slugs_of_their_own() -> None:
    assert assign_slugs(TEXTS) == {
        "lake-ice": "lakes/ice", "lake-depth": "lakes/depth", "lake-ice-2": "ponds/ice", "beehives": "bees/hives",
    }  # fmt: skip


@pytest.mark.django_db
def test_texts_are_found_as_products_and_by_plain_rank() -> None:
    with as_role("none"):
        TextFiller().create_products(TEXTS)
        engines.fill(TEXTS)
        index_all()
    ours = RelevanceSearch(TEXTS)

    assert set(ours.find("lake ice")[:2]) == {"lakes/ice", "ponds/ice"}
    assert ours.find("metres below the surface")[0] == "lakes/depth"
    assert ours.find("beehvies") == ["bees/hives"]
    assert engines.find("lake ice") == ["lakes/ice", "ponds/ice"]
    assert engines.find("honey sonar") == []


@pytest.mark.all
def test_a_corpus_is_measured_and_kept(tmp_path: Path) -> None:
    """Where the package index cannot be reached, that is all that it says."""
    run = run_bench(
        "search", "--relevance", "--corpus", "schemas",
        "--keep", str(tmp_path / "kept"), "--queries", str(tmp_path / "queries.txt"),
    )  # fmt: skip
    if "schemas" in run.left_out:
        return
    run.check()
    assert run.figures["schemas: texts"]["value"] > 1000
    assert run.figures["schemas: judged keys that no text has"]["ok"]
    assert (tmp_path / "queries.txt").read_text().startswith("[schemas] ")
    assert any((tmp_path / "kept").iterdir())
