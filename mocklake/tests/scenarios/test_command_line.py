"""Files run unchanged through the real `aws` command."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mocklake.scenarios.places import CommandLinePlace, Place
from mocklake.scenarios.running import Run
from mocklake.scenarios.scenario import FOLDER, Scenario, read_scenario

FEW = ("s3/objects-are-put-listed-read-and-deleted", "lakeformation/revoking-what-is-not-held-is-an-error")


def list_shortest() -> list[Path]:
    """Of each service one, as the command writes and reads in each service's own way; each call takes it about a second."""
    every = [read_scenario(path) for path in sorted(FOLDER.glob("*/*.yaml")) if path.parent.name != "seeds"]
    called = sorted((one for one in every if _count_commands(one)), key=_count_commands)
    return list({one.path.parent: one.path for one in reversed(called)}.values())


def _count_commands(scenario: Scenario) -> int:
    return sum({"call": 1, "query": 3}.get(step.kind, 0) for step in scenario.steps)


MANY = list_shortest()


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    started = CommandLinePlace()
    yield started
    started.close()


@pytest.mark.parametrize("name", FEW)
def test_a_few(name: str, place: Place) -> None:
    Run(read_scenario(FOLDER / f"{name}.yaml"), place)()


@pytest.mark.all
@pytest.mark.parametrize("path", MANY, ids=[str(path.relative_to(FOLDER)) for path in MANY])
def test_many(path: Path, place: Place) -> None:
    Run(read_scenario(path), place)()


def test_each_service_has_one() -> None:
    folders = {path.parent for path in FOLDER.glob("*/*.yaml")} - {FOLDER / "seeds"}
    assert {path.parent for path in MANY} == folders
