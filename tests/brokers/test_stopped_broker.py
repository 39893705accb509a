"""A broker that is gone costs milliseconds, and is used again when it is back."""

import statistics
from pathlib import Path

from demo.embedded.child_process import wait_until
from tests.brokers.processes import Publisher, WorkerFactory, read_lines
from tests.brokers.servers import Broker

MOST_SECONDS = 0.1


def test_publisher_and_worker_outlive_the_broker(
    broker: Broker, publisher: Publisher, workers: WorkerFactory, tmp_path: Path
) -> None:
    workers.start()
    assert publisher.send("before", "engine")["sent"]
    assert wait_until(lambda: "before ended" in read_lines(tmp_path), 30)
    broker.kill()
    try:
        answers = [publisher.send("meanwhile", "engine") for _ in range(9)]
        assert set(publisher.read_lengths().values()) == {None}
    finally:
        broker.start()
    assert {answer["sent"] for answer in answers} == {False}
    assert statistics.median(answer["seconds"] for answer in answers) <= MOST_SECONDS, answers
    assert wait_until(lambda: publisher.send("after", "engine")["sent"], 10)
    assert wait_until(lambda: "after ended" in read_lines(tmp_path), 90), read_lines(tmp_path)
