"""Each test runs against every broker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.brokers.processes import Publisher, WorkerFactory, make_environment
from tests.brokers.servers import BROKERS, Broker, find_missing


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process starts each broker once."""
    for item in items:
        if "broker" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("brokers"))


@pytest.fixture(scope="session", params=list(BROKERS))
def broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    if reason := find_missing(request.param):
        pytest.skip(reason)
    server: Broker = BROKERS[request.param](tmp_path_factory.mktemp(request.param))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def workers(broker: Broker, tmp_path: Path) -> Iterator[WorkerFactory]:
    factory = WorkerFactory(make_environment(broker, tmp_path), tmp_path)
    yield factory
    factory.stop_all()


@pytest.fixture
def publisher(broker: Broker, tmp_path: Path) -> Iterator[Publisher]:
    with Publisher(make_environment(broker, tmp_path)) as started:
        started.purge()
        yield started
