"""Workers that chaos forks: processes of their own that are killed, begin again, and end with who forked them."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.embedded.child_process import has_ended, wait_until
from demo.embedded.state_folder import StateFolder
from tools.environment.fork_server import ForkedWorker, ForkServer

WAITS = [
    "shell",
    "-v",
    "0",
    "-c",
    "import os, signal; print('here', os.getpid(), flush=True); signal.pause()",
]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[StateFolder]:
    found = StateFolder(tmp_path / "state")
    found.acquire()
    yield found
    found.release()


@pytest.fixture
def nursery(folder: StateFolder) -> Iterator[ForkServer]:
    found = ForkServer(folder, os.environ)
    yield found
    found.close()


def read_log_lines(folder: StateFolder) -> list[str]:
    log = folder.log_file("one")
    return log.read_text().splitlines() if log.exists() else []


def test_a_killed_worker_begins_again_as_another_process(nursery: ForkServer, folder: StateFolder) -> None:
    worker = ForkedWorker(nursery, "one", WAITS)
    worker.start()
    first = worker.pid
    assert first is not None
    assert os.getpgid(first) == first
    assert wait_until(lambda: read_log_lines(folder) == [f"here {first}"], 30)
    os.kill(first, signal.SIGKILL)
    assert wait_until(lambda: not worker.is_running, 10)
    worker.start()
    assert worker.pid != first
    assert wait_until(lambda: read_log_lines(folder)[1:] == [f"here {worker.pid}"], 30)


def test_a_renamed_worker_is_called_otherwise_after_each_start(
    nursery: ForkServer, folder: StateFolder
) -> None:
    worker = ForkedWorker(nursery, "one", ["shell", "-v", "0", "-c", "print('worker-{start}', flush=True)"])
    worker.start()
    assert wait_until(lambda: read_log_lines(folder) == ["worker-1"], 30)
    worker.start()
    assert wait_until(lambda: read_log_lines(folder)[1:] == ["worker-2"], 30)


def test_a_command_of_celery_is_run_by_the_application(nursery: ForkServer, folder: StateFolder) -> None:
    worker = ForkedWorker(nursery, "one", ["celery", "-A", "marketplace.celery", "report"])
    worker.start()
    assert wait_until(
        lambda: any("meshmarket" in line or "celery" in line for line in read_log_lines(folder)), 30
    )


@pytest.mark.skipif(sys.platform != "linux", reason="no other system tells a child of its parent's end")
def test_a_worker_ends_with_who_forked_it(nursery: ForkServer) -> None:
    worker = ForkedWorker(nursery, "one", WAITS)
    worker.start()
    pid = worker.pid
    assert pid is not None
    nursery.close()
    assert wait_until(lambda: has_ended(pid), 10)


def test_a_command_that_fails_leaves_its_words_in_the_log(nursery: ForkServer, folder: StateFolder) -> None:
    worker = ForkedWorker(nursery, "one", ["no-such-command"])
    worker.start()
    assert wait_until(lambda: not worker.is_running, 30)
    assert "no-such-command" in read_log_lines(folder)[-1]


def test_a_worker_may_think_that_it_is_earlier_or_later(nursery: ForkServer, folder: StateFolder) -> None:
    tells = [
        "shell",
        "-v",
        "0",
        "-c",
        "import datetime; print(datetime.datetime.now().timestamp(), flush=True)",
    ]
    before = time.time()
    worker = ForkedWorker(nursery, "one", tells, clock_offset=3600.0)
    worker.start()
    assert wait_until(lambda: len(read_log_lines(folder)) == 1, 30)
    assert before + 3600 <= float(read_log_lines(folder)[0]) <= time.time() + 3600
