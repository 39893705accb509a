"""DataHub's Glue source beside the mirror, on the same endpoint."""

import json
from typing import Any

from tools.bench.harness.peer_python import python_with
from tools.bench.harness.programs import environment_with, output_of
from tools.bench.mirror.datahub import PACKAGE
from tools.bench.mirror.environment import Place
from tools.bench.report import Board, Figure, at_least

NAME = "DataHub's Glue source to a file"
SECONDS_EACH, PIP_SECONDS = 0.01, 600
"""What it is expected to take for a table; what making its Python may take."""


def run(board: Board, here: Place, given: str, mirrored: Figure) -> None:
    """How many times as long as our full mirror it takes; once, as it takes minutes."""
    if board.quick and not given:
        board.leave_out(NAME, "a Python that has it takes minutes to make: --peer names one")
    elif board.has_room(NAME, SECONDS_EACH * here.tables):
        with python_with(PACKAGE, given, seconds=PIP_SECONDS) as python:
            _measured(board, here, python, mirrored)


def _measured(board: Board, here: Place, python: str, mirrored: Figure) -> None:
    if not python:
        board.leave_out(NAME, "it is not here, and the package index did not give it")
        return
    told = _read(python, here.endpoint.url)
    board.add(NAME, told["seconds"], "s", to=mirrored, must=at_least(8), stretch=at_least(20))
    board.add("tables that DataHub told", told["tables"], "tables", must=at_least(here.tables))


def _read(python: str, url: str) -> dict[str, Any]:
    """EmbeddedError when it failed."""
    keys = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
    told = output_of([python, "-m", "tools.bench.mirror.datahub", url], environment_with(**keys))
    found: dict[str, Any] = json.loads(told.splitlines()[-1])
    return found
