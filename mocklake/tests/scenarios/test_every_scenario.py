"""Every scenario goes as it says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mocklake.scenarios.places import InProcessPlace, Place, ServerPlace
from mocklake.scenarios.running import Run
from mocklake.scenarios.scenario import FOLDER, files, read

FILES = files([FOLDER])
NAMES = [str(path.relative_to(FOLDER)) for path in FILES]


@pytest.fixture(scope="module")
def in_process() -> Iterator[Place]:
    place = InProcessPlace()
    yield place
    place.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Place]:
    place = ServerPlace()
    yield place
    place.close()


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_in_process(path: Path, in_process: Place) -> None:
    Run(read(path), in_process)()


@pytest.mark.all
@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_against_a_server(path: Path, server: Place) -> None:
    Run(read(path), server)()
