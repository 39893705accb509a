"""A plugin of pytest that measures the processor seconds of each test file, and has the scheduler follow the ledger.

`manage.py test` loads it by `-p`, for Meshmarket's tests and for mocklake's, which have a configuration of their own.
"""

import json
import resource
from collections import defaultdict
from collections.abc import Generator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.ledger.machine import MachineSamples
from tests.ledger.order import LedgerScheduling
from tests.ledger.processes import Meter, Seconds, read_server, read_usage

ROOT = Path(__file__).resolve().parents[2]
SHARED_SCOPES = {"session", "package"}


class Measurement:
    """What one process of the run has used, by test file and by fixture that many files share."""

    def __init__(self) -> None:
        self.meter = Meter()
        self.files: defaultdict[str, Seconds] = defaultdict(Seconds)
        self.fixtures: defaultdict[str, Seconds] = defaultdict(Seconds)
        self.collection = Seconds()
        self.machine = MachineSamples()
        self._apart = Seconds()

    @property
    def shared(self) -> Seconds:
        """Everything in shared fixtures so far, which no test file is charged with."""
        return self._apart

    def charge_fixture(self, name: str, seconds: Seconds) -> None:
        self.fixtures[name] += seconds
        self._apart += seconds

    def to_json(self) -> dict[str, Any]:
        """`beside` is what belongs to no test: xdist, hooks, reports."""
        total = self.meter.read()
        charged = sum([*self.files.values(), *self.fixtures.values(), self.collection], Seconds())
        return {
            "files": {name: format_seconds(seconds) for name, seconds in self.files.items()},
            "fixtures": {name: format_seconds(seconds) for name, seconds in self.fixtures.items()},
            "collection": format_seconds(self.collection),
            "beside": format_seconds(total - charged),
            "machine": [round(self.machine.seconds, 4), self.machine.count],
        }


def format_seconds(seconds: Seconds) -> list[float]:
    return [round(seconds.own, 3), round(seconds.children, 3), round(seconds.postgres, 3)]


MEASUREMENT = pytest.StashKey[Measurement]()
RESULTS = pytest.StashKey[list[dict[str, Any]]]()
"""Of the controller: one for each process."""


def watch_database(config: pytest.Config, name: str) -> None:
    """From now on the sessions at this database are this process's own."""
    if measurement := config.stash.get(MEASUREMENT, None):
        measurement.meter.watch_database(name)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--measure-to", metavar="FILE", help="write the processor seconds of each test file")


def runs_tests(config: pytest.Config) -> bool:
    """False in the process that only hands tests to others."""
    return hasattr(config, "workerinput") or not getattr(config.option, "numprocesses", None)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.stash[RESULTS] = []
    if runs_tests(config):
        config.stash[MEASUREMENT] = Measurement()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    if measurement := session.config.stash.get(MEASUREMENT, None):
        measurement.collection = measurement.meter.read()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    measurement = item.config.stash[MEASUREMENT]
    measurement.machine.take_if_due()
    before, shared = measurement.meter.read(), measurement.shared
    try:
        return (yield)
    finally:
        spent = measurement.meter.read() - before - (measurement.shared - shared)
        measurement.files[get_name(item.path)] += spent


@cache
def get_name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """What is made for the whole process is not the cost of the test that happened to ask first."""
    if fixturedef.scope not in SHARED_SCOPES:
        return (yield)
    measurement = request.config.stash[MEASUREMENT]
    before, shared = measurement.meter.read(), measurement.shared
    try:
        return (yield)
    finally:
        inner = measurement.shared - shared
        measurement.charge_fixture(fixturedef.argname, measurement.meter.read() - before - inner)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    measurement = session.config.stash.get(MEASUREMENT, None)
    if measurement is None:
        return
    result = measurement.to_json()
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["measurement"] = result
    else:
        session.config.stash[RESULTS].append(result)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    if result := getattr(node, "workeroutput", {}).get("measurement"):
        node.config.stash[RESULTS].append(result)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    """Writes everything for `tests.ledger.report`, which speaks for several runs of pytest at once."""
    if not (target := config.getoption("--measure-to")):
        return
    counts = {
        name: sum(getattr(report, "count_towards_summary", True) for report in reports)
        for name, reports in terminalreporter.stats.items()
        if name
    }
    result = {
        "exit": int(exitstatus),
        "counts": counts,
        "processes": config.stash[RESULTS],
        "controller": 0.0 if runs_tests(config) else read_usage(resource.RUSAGE_SELF),
        "postgres": read_server(),
    }
    Path(target).write_text(json.dumps(result), encoding="utf-8")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LedgerScheduling | None:
    """Only where nothing else was asked for."""
    return LedgerScheduling(config, log) if config.getoption("dist") == "loadgroup" else None
