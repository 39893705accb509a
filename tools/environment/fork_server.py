"""`python -m tools.environment.fork_server`: a process that has read all code once, and forks a worker whenever it is asked to.

A worker that begins from nothing reads modules for seconds before it does anything. Where hundreds are killed, most of
a run would be that. What is forked is a process like any other: with a group, a log and an end of its own.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path

import django
from django.core.management import call_command

from demo.bootstrap import ROOT
from demo.embedded.child_process import EmbeddedError, has_ended, kill_group, make_parent_death_hook
from demo.embedded.state_folder import StateFolder
from demo.embedded.waits import wait_for
from marketplace.celery import app as celery_app

STOP_SECONDS = 60.0
START_NUMBER = "{start}"
"""In a command: which start of the worker it is."""
SERVICES, REGIONS = ("glue", "iam", "lakeformation", "ram"), ("eu-central-1", "eu-west-1")
"""Of the clients that every worker needs, which take a while to make."""
PRELOADED_MODULES = (
    "workers.sweep",
    "workers.heartbeat",
    "workers.scheduler",
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.bin.celery",
    "celery.concurrency.prefork",
    "celery.concurrency.thread",
    "celery.worker.consumer",
    "kombu.transport.redis",
)


class ForkServer:
    """The asking side; `environment` is that of every worker. Only for the main thread, like any start of a child."""

    def __init__(self, folder: StateFolder, environment: Mapping[str, str]) -> None:
        self._folder = folder
        with folder.log_file("fork-server").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tools.environment.fork_server"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=dict(environment),
                cwd=ROOT,
                start_new_session=True,
                preexec_fn=make_parent_death_hook(signal.SIGKILL),  # noqa: PLW1509 - made by the main thread
            )

    def fork(self, name: str, command: list[str], previous_pid: int | None, clock_offset: float = 0.0) -> int:
        """A process that runs the command of `manage.py`, or of Celery when it begins with `celery`; returns its pid. `previous_pid` had its place.

        Its clock is `clock_offset` seconds ahead, as if the machine's were off: all clocks of Python but the
        monotonic one, by which sleeping and waiting go.
        """
        asked = {
            "command": command,
            "log": str(self._folder.log_file(name)),
            "before": previous_pid,
            "ahead": clock_offset,
        }
        ask, answer = self._process.stdin, self._process.stdout
        assert ask is not None
        assert answer is not None
        try:
            ask.write(json.dumps(asked).encode() + b"\n")
            ask.flush()
            said = answer.readline()
        except BrokenPipeError:
            said = b""
        if not said:
            raise EmbeddedError(f"Workers cannot be started (log: {self._folder.log_file('fork-server')})")
        return int(said)

    def close(self) -> None:
        """Whoever was forked ends with it."""
        self._process.kill()
        self._process.communicate()


class ForkedWorker:
    """A part of the environment: a worker of the fork server, started again and again."""

    def __init__(self, nursery: ForkServer, name: str, command: list[str], clock_offset: float = 0.0) -> None:
        self.name = name
        self.pid: int | None = None
        self._nursery, self._command, self._ahead = nursery, command, clock_offset
        self._start_count = 0

    @property
    def is_running(self) -> bool:
        return self.pid is not None and not has_ended(self.pid)

    def start(self) -> None:
        """Ends the one before, if it runs still."""
        self.kill()
        self._start_count += 1
        command = [word.replace(START_NUMBER, str(self._start_count)) for word in self._command]
        self.pid = self._nursery.fork(self.name, command, self.pid, self._ahead)

    def stop(self) -> None:
        self.kill()

    def kill(self) -> None:
        pid = self.pid
        if pid is not None:
            kill_group(pid)  # also child processes that have outlived it
            wait_for(lambda: has_ended(pid), STOP_SECONDS, f"{self.name} did not end", 0.002)


def main() -> None:
    """Reads what to fork line by line, and answers with a pid each."""
    django.setup()
    for name in PRELOADED_MODULES:
        importlib.import_module(name)
    importlib.import_module("workers.aws.sessions").preload_clients(SERVICES, REGIONS)
    dies_with_this = make_parent_death_hook(signal.SIGKILL)
    for line in sys.stdin:
        asked = json.loads(line)
        _wait_for_process(asked["before"])
        pid = os.fork()
        if pid == 0:
            _redirect_streams(Path(asked["log"]), dies_with_this)
            with _shift_clock(asked["ahead"]):
                _run_command(*asked["command"])
            return
        os.setpgid(pid, pid)  # before anybody hears of it: it may be killed at once, with all of its group
        print(pid, flush=True)


def _run_command(program: str, *arguments: str) -> None:
    if program == "celery":
        celery_app.start([*arguments])
    else:
        call_command(program, *arguments)


def _shift_clock(seconds: float) -> AbstractContextManager[object]:
    """Read where it is needed alone: what moves the clock brings pytest with it, longer to read than all of this."""
    if not seconds:
        return nullcontext()
    moved: AbstractContextManager[object] = importlib.import_module("time_machine").travel(
        time.time() + seconds, tick=True
    )
    return moved


def _wait_for_process(pid: int | None) -> None:
    """Not before its successor is asked for: until then its number is nobody else's."""
    if pid is not None:
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)


def _redirect_streams(log: Path, dies_with_parent: Callable[[], None]) -> None:
    """Nothing is read any more, and all that is said goes to the log."""
    dies_with_parent()
    with log.open("ab") as written, Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(written.fileno(), 1)
        os.dup2(written.fileno(), 2)


if __name__ == "__main__":
    main()
