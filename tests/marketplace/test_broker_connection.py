"""A worker outlives its broker."""

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from kombu.exceptions import OperationalError
from kombu.simple import SimpleQueue

from demo.embedded.state_folder import StateFolder
from demo.embedded.valkey import Valkey, find_valkey
from marketplace.celery import BrokerConnection, app


@pytest.fixture
def broker() -> Iterator[Valkey]:
    program = find_valkey()
    if program is None:
        pytest.skip("no Valkey")
    with tempfile.TemporaryDirectory(prefix="mm-") as temporary:
        folder = StateFolder(Path(temporary))
        folder.acquire()
        valkey = Valkey(folder, program)
        valkey.start()
        yield valkey
        valkey.stop()
        folder.release()


def connect(broker: Valkey) -> Any:
    return app.connection(broker.url().replace("unix://", "redis+socket://"))


def test_messages_of_a_lost_connection_are_acknowledged_and_rejected_in_silence(broker: Valkey) -> None:
    connection = connect(broker)
    queue = SimpleQueue(connection.default_channel, "engine")
    queue.put({"number": 1})
    queue.put({"number": 2})
    first, second = queue.get(timeout=2), queue.get(timeout=2)
    broker.kill()
    connection.collect(socket_timeout=1)
    channel: Any = queue.channel
    channel._disconnect_pools()  # as when a worker's read failed: the next use builds a pool again
    connection.close()
    first.ack()
    second.reject(requeue=True)
    assert first.acknowledged


def test_a_lost_broker_is_tried_again_every_second(broker: Valkey) -> None:
    broker.kill()
    intervals: list[float] = []
    with connect(broker) as connection, suppress(OperationalError):
        assert isinstance(connection, BrokerConnection)
        connection.ensure_connection(lambda _error, interval: intervals.append(interval), 2)
    assert intervals == [1.0, 1.0]
