"""Files run unchanged through the real `aws` command."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mocklake.scenarios.command_line import CommandLinePlace
from mocklake.scenarios.places import Place
from mocklake.scenarios.running import Run
from mocklake.scenarios.scenario import FOLDER, Scenario, read

FEW = ("s3/objects-are-put-listed-read-and-deleted", "lakeformation/revoking-what-is-not-held-is-an-error")
SHORT = 2
"""Each command takes about a second: in the long run those files that need few of them."""


def _short() -> list[Path]:
    every = [read(path) for path in sorted(FOLDER.glob("*/*.yaml")) if path.parent.name != "seeds"]
    return [one.path for one in every if _commands(one) <= SHORT and _commands(one)]


def _commands(scenario: Scenario) -> int:
    return sum({"call": 1, "query": 3}.get(step.kind, 0) for step in scenario.steps)


MANY = _short()[::3]
"""Every third one: they are in the order of their services, so that each service has some."""


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    started = CommandLinePlace()
    yield started
    started.close()


@pytest.mark.parametrize("name", FEW)
def test_a_few(name: str, place: Place) -> None:
    Run(read(FOLDER / f"{name}.yaml"), place)()


@pytest.mark.all
@pytest.mark.parametrize("path", MANY, ids=[str(path.relative_to(FOLDER)) for path in MANY])
def test_many(path: Path, place: Place) -> None:
    Run(read(path), place)()


def test_they_are_forty_at_least() -> None:
    assert len({*MANY, *(FOLDER / f"{name}.yaml" for name in FEW)}) >= 40
