"""Nothing wakes a server that nobody calls until something is due."""

from datetime import timedelta
from pathlib import Path

from mocklake.events.store import Held, store_of
from mocklake.server.http_server import DELIVERIES_SECONDS, Ticker, Writer
from mocklake.server.simulator import LONE_ACCOUNT, Simulator
from mocklake.testing.checks import eventually


def open_simulator(folder: Path) -> Simulator:
    simulator = Simulator(folder, "")
    simulator.open()
    return simulator


def test_nothing_is_due_in_a_world_where_nothing_is_on_its_way(tmp_path: Path) -> None:
    assert open_simulator(tmp_path).seconds_until_due() is None


def test_a_late_event_is_waited_for_and_brought(tmp_path: Path) -> None:
    simulator = open_simulator(tmp_path)
    ticker = Ticker(simulator)
    ticker.start()
    try:
        with simulator.world.lock:
            due = simulator.world.now() + timedelta(hours=1)
            event = {"account": LONE_ACCOUNT, "region": "eu-central-1", "source": "aws.glue", "detail": {}}
            store_of(simulator.world).held.append(Held(due, LONE_ACCOUNT, "eu-central-1", event))
        assert 3500 < (simulator.seconds_until_due() or 0) <= 3600
        simulator.world.clock_offset = timedelta(hours=2)
        simulator.wrote()
        eventually(lambda: not store_of(simulator.world).held)
    finally:
        ticker.stop()


def test_the_writer_waits_until_something_is_written(tmp_path: Path) -> None:
    simulator = open_simulator(tmp_path)
    writer = Writer(simulator)
    assert writer._compute_wait() is None
    simulator.deliveries += 1
    writer._saved_at = float("inf")
    assert writer._compute_wait() == float("inf") + DELIVERIES_SECONDS
    simulator.wrote()
    assert writer._compute_wait() == 0.0


def test_log_files_are_in_the_snapshot_of_a_server_that_ends(tmp_path: Path) -> None:
    simulator = open_simulator(tmp_path)
    writer = Writer(simulator)
    simulator.deliveries += 1
    writer.start()
    writer.stop()
    assert any(tmp_path.iterdir())
