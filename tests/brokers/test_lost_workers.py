"""A message that was not acknowledged is delivered again, because tasks are acknowledged when they have ended."""

import os
import signal
from pathlib import Path

from demo.embedded.child_process import wait_until
from tests.brokers.processes import Publisher, WorkerFactory, read_lines

VISIBILITY_TIMEOUT = 4
"""Seconds. RabbitMQ delivers again at once, as it sees the connection end."""


def find_begun(folder: Path) -> list[int]:
    """The processes that began the task."""
    return [int(line.split()[-1]) for line in read_lines(folder) if "begun" in line]


def test_the_message_of_a_killed_worker_comes_again(
    publisher: Publisher, workers: WorkerFactory, tmp_path: Path
) -> None:
    publisher.set_visibility_timeout(VISIBILITY_TIMEOUT)
    first = workers.start(TASK_VISIBILITY_TIMEOUT=str(VISIBILITY_TIMEOUT))
    assert publisher.send("long", "engine", 120)["sent"]
    assert wait_until(lambda: len(find_begun(tmp_path)) == 1, 30)
    first.kill()
    workers.start(TASK_VISIBILITY_TIMEOUT=str(VISIBILITY_TIMEOUT))
    assert wait_until(lambda: len(find_begun(tmp_path)) == 2, 60)
    workers.kill_all()


def test_the_message_of_a_killed_pool_process_comes_again(
    publisher: Publisher, workers: WorkerFactory, tmp_path: Path
) -> None:
    workers.start("prefork")
    assert publisher.send("long", "engine", 120)["sent"]
    assert wait_until(lambda: len(find_begun(tmp_path)) == 1, 30)
    os.kill(find_begun(tmp_path)[0], signal.SIGKILL)
    assert wait_until(lambda: len(find_begun(tmp_path)) == 2, 60)
    workers.kill_all()
