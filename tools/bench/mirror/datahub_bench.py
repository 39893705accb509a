"""DataHub's Glue source beside the mirror, on the same endpoint."""

import json
from typing import Any

from tools.bench.harness.subprocesses import build_environment, python_with, run_program
from tools.bench.mirror.datahub import PACKAGE
from tools.bench.mirror.environment import MirrorEnvironment
from tools.bench.report import BenchReport, Figure, at_least

FIGURE_NAME = "DataHub's Glue source to a file"
SECONDS_EACH, PIP_SECONDS = 0.01, 600
"""What it is expected to take for a table; what making its Python may take."""


def run(board: BenchReport, here: MirrorEnvironment, given: str, mirrored: Figure) -> None:
    """How many times as long as our full mirror it takes; once, as it takes minutes."""
    if board.quick and not given:
        board.skip(FIGURE_NAME, "a Python that has it takes minutes to make: --peer names one")
    elif board.has_time_for(FIGURE_NAME, SECONDS_EACH * here.tables):
        with python_with(PACKAGE, given, seconds=PIP_SECONDS) as python:
            _measure(board, here, python, mirrored)


def _measure(board: BenchReport, here: MirrorEnvironment, python: str, mirrored: Figure) -> None:
    if not python:
        board.skip(FIGURE_NAME, "it is not here, and the package index did not give it")
        return
    told = _run_datahub(python, here.endpoint.url)
    board.add_figure(
        FIGURE_NAME, told["seconds"], "s", baseline=mirrored, must=at_least(8), stretch=at_least(20)
    )
    board.add_figure("tables that DataHub told", told["tables"], "tables", must=at_least(here.tables))


def _run_datahub(python: str, url: str) -> dict[str, Any]:
    """EmbeddedError when it failed."""
    keys = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
    told = run_program([python, "-m", "tools.bench.mirror.datahub", url], build_environment(**keys))
    found: dict[str, Any] = json.loads(told.splitlines()[-1])
    return found
