"""The supervisor keeps its parts alive and leaves none behind."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from demo.bootstrap import ROOT
from demo.embedded.child_process import has_ended, read_activity, wait_until, wait_while_moving
from demo.supervisor.control_socket import send_request
from demo.supervisor.supervisor import compute_back_off

TIMEOUT_SECONDS = 20.0


class RunningSupervisor:
    """A supervisor in a process of its own, spoken to as the demo's pages do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder.with_suffix(".out")
        self.process = start_process(folder, self.log)
        assert self.wait_while_moving(lambda: "worker" in self.parts()), self.log.read_text()

    def wait_while_moving(self, is_so: Callable[[], bool]) -> bool:
        return wait_while_moving("the supervisor", is_so, lambda: read_activity(self.process.pid, self.log))

    def parts(self) -> dict[str, dict[str, Any]]:
        with suppress(OSError):
            return {part["name"]: part for part in self.ask({"do": "status"})["parts"]}
        return {}

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        return send_request(self.folder / "run" / "supervisor.sock", request)

    def pids(self) -> list[int]:
        return [part["pid"] for part in self.parts().values()]

    def wait_for_restart(self, name: str, old: int) -> bool:
        def is_new() -> bool:
            part = self.parts().get(name, {})
            return bool(part.get("running")) and part["pid"] != old

        return self.wait_while_moving(is_new)


def start_process(folder: Path, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.demo.supervisor.small_supervisor", str(folder)],
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


@pytest.fixture
def running() -> Iterator[RunningSupervisor]:
    with tempfile.TemporaryDirectory(prefix="mm-") as temporary:
        found = RunningSupervisor(Path(temporary) / "state")
        yield found
        found.process.terminate()
        found.process.wait(TIMEOUT_SECONDS)


def have_all_ended(pids: list[int]) -> Callable[[], bool]:
    return lambda: all(has_ended(pid) for pid in pids)


def test_a_killed_worker_is_started_again_and_said_in_one_line(running: RunningSupervisor) -> None:
    old = running.ask({"do": "kill_worker"})["killed"]
    assert running.wait_for_restart("worker", old)
    assert running.parts()["worker"]["restarts"] == 1
    assert running.log.read_text().count("worker ended; starting it again\n") == 1


def test_sigterm_leaves_no_process(running: RunningSupervisor) -> None:
    pids = running.pids()
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(TIMEOUT_SECONDS) == 0
    assert have_all_ended(pids)()
    assert "interrupted" in running.log.read_text()


@pytest.mark.all
def test_a_crash_of_postgresql_is_mended(running: RunningSupervisor) -> None:
    old = running.ask({"do": "kill", "name": "postgres"})["killed"]
    assert running.wait_for_restart("postgres", old)


@pytest.mark.all
def test_restart_answers_once_the_part_is_up(running: RunningSupervisor) -> None:
    old = running.parts()["worker"]["pid"]
    assert running.ask({"do": "restart", "name": "worker"}) == {"ok": True, "restarted": "worker"}
    assert running.parts()["worker"]["pid"] != old


@pytest.mark.all
@pytest.mark.skipif(sys.platform != "linux", reason="the parent-death signal is Linux's")
def test_sigkill_of_the_supervisor_leaves_no_process_and_the_next_start_works(
    running: RunningSupervisor,
) -> None:
    pids = running.pids()
    running.process.kill()
    running.process.wait(TIMEOUT_SECONDS)
    assert wait_until(have_all_ended(pids), TIMEOUT_SECONDS)
    running.process = start_process(running.folder, running.log)
    assert running.wait_while_moving(lambda: len(running.parts()) == 2), running.log.read_text()


@pytest.mark.all
def test_a_second_start_is_refused_in_one_line(running: RunningSupervisor) -> None:
    other = running.folder.with_suffix(".second")
    assert start_process(running.folder, other).wait(TIMEOUT_SECONDS) == 1
    holder = running.process.pid
    assert other.read_text() == (
        f"{running.folder} is in use by process {holder}: stop it with Ctrl-C, or give another folder with --state.\n"
    )


def test_bad_requests_get_an_answer(running: RunningSupervisor) -> None:
    assert running.ask({"do": "dance"})["ok"] is False
    assert running.ask({"do": "kill", "name": "nobody"}) == {
        "ok": False,
        "error": "there is no part 'nobody'",
    }
    assert (running.folder / "run" / "supervisor.sock").stat().st_mode & 0o777 == 0o600


def test_a_crowd_that_asks_at_once_is_answered(running: RunningSupervisor) -> None:
    with ThreadPoolExecutor(60) as crowd:
        answers = list(crowd.map(running.ask, [{"do": "ping"}] * 240))
    assert all(answer["ok"] for answer in answers)


def test_back_off_doubles_up_to_half_a_minute() -> None:
    assert [compute_back_off(failures) for failures in (0, 1, 2, 3, 9)] == [0, 1, 2, 4, 30]


def test_this_process_is_not_mistaken_for_an_ended_one() -> None:
    assert not has_ended(os.getpid())
