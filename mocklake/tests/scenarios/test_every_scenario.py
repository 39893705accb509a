"""Every scenario goes as it says; those that call each operation once also against a server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mocklake.scenarios.catalogue import scenarios
from mocklake.scenarios.places import InProcessPlace, Place, ServerPlace
from mocklake.scenarios.running import Run
from mocklake.scenarios.scenario import FOLDER, Scenario, list_files, read_scenario

FILES = list_files([FOLDER])
NAMES = [str(path.relative_to(FOLDER)) for path in FILES]


def list_served(known: list[Scenario]) -> list[Scenario]:
    """Those that use an operation, a kind of step or a kind of fault which none before them uses."""
    used: set[str] = set()
    chosen = []
    for scenario in sorted(known, key=lambda one: -len(_list_uses(one))):
        if not _list_uses(scenario) <= used:
            used |= _list_uses(scenario)
            chosen.append(scenario)
    return chosen


def _list_uses(scenario: Scenario) -> set[str]:
    faults = {
        f"fault {step.subject['kind']}"
        for step in scenario.steps
        if isinstance(step.subject, dict) and step.kind == "fault"
    }
    return {*scenario.operations, *(f"step {step.kind}" for step in scenario.steps), *faults}


SERVED = list_served(scenarios())


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
    Run(read_scenario(path), in_process)()


@pytest.mark.all
@pytest.mark.parametrize("scenario", SERVED, ids=[scenario.name for scenario in SERVED])
def test_against_a_server(scenario: Scenario, server: Place) -> None:
    Run(scenario, server)()


def test_every_use_is_served_once() -> None:
    known = scenarios()
    assert set().union(*map(_list_uses, SERVED)) == set().union(*map(_list_uses, known))
    assert len(SERVED) < len(known)
