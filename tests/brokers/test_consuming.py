"""Workers take tasks from the five queues of each broker."""

from pathlib import Path

import pytest

from demo.embedded.child_process import wait_until
from tests.brokers.processes import QUEUES, Publisher, WorkerFactory, read_lines


def test_messages_wait_in_their_queues(publisher: Publisher) -> None:
    for number, queue in enumerate(QUEUES):
        for one in range(number):
            assert publisher.send(f"{queue}-{one}", queue)["sent"]
    expected = {queue: number for number, queue in enumerate(QUEUES)} | {"missing": 0}
    assert wait_until(lambda: publisher.read_lengths() == expected, 10), publisher.read_lengths()


@pytest.mark.parametrize("pool", ["threads", "prefork"])
def test_a_worker_takes_from_every_queue(
    pool: str, publisher: Publisher, workers: WorkerFactory, tmp_path: Path
) -> None:
    workers.start(pool)
    for queue in QUEUES:
        assert publisher.send(queue, queue)["sent"]
    expected = {f"{queue} ended" for queue in QUEUES}
    assert wait_until(lambda: expected <= set(read_lines(tmp_path)), 30), read_lines(tmp_path)
    assert len(read_lines(tmp_path)) == 2 * len(QUEUES)
    assert wait_until(lambda: set(publisher.read_lengths().values()) == {0}, 10)
