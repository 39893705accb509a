"""`python -m tools.environment.worker_fork`: a process that has read all code once, and forks a worker whenever it is asked to.

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
from demo.embedded.errors import EmbeddedError
from demo.embedded.folder import StateFolder
from demo.embedded.process import dying_with_parent, has_ended, kill_group, wait_until

END_SECONDS = 5.0
SERVICES, REGIONS = ("glue", "iam", "lakeformation", "ram"), ("eu-central-1", "eu-west-1")
"""Of the clients that every worker needs, which take a while to make."""


class Nursery:
    """The asking side; `environment` is that of every worker. Only for the main thread, like any start of a child."""

    def __init__(self, folder: StateFolder, environment: Mapping[str, str]) -> None:
        self._folder = folder
        with folder.log("nursery").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tools.environment.worker_fork"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=dict(environment),
                cwd=ROOT,
                start_new_session=True,
                preexec_fn=dying_with_parent(signal.SIGKILL),  # noqa: PLW1509 - made by the main thread
            )

    def fork(self, name: str, command: list[str], before: int | None, ahead: float = 0.0) -> int:
        """A process that runs the command of `manage.py`; returns its pid. `before` is who had its place and ended.

        Its clock is so many seconds `ahead`, as on a machine whose time nobody keeps: all clocks of Python but the
        monotonic one, by which sleeping and waiting go.
        """
        asked = {"command": command, "log": str(self._folder.log(name)), "before": before, "ahead": ahead}
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
            raise EmbeddedError(f"Workers cannot be started (log: {self._folder.log('nursery')})")
        return int(said)

    def close(self) -> None:
        """Whoever was forked ends with it."""
        self._process.kill()
        self._process.communicate()


class Forked:
    """A part of the stage: a worker of the nursery's, again and again."""

    def __init__(self, nursery: Nursery, name: str, command: list[str], ahead: float = 0.0) -> None:
        self.name = name
        self.pid: int | None = None
        self._nursery, self._command, self._ahead = nursery, command, ahead

    @property
    def is_running(self) -> bool:
        return self.pid is not None and not has_ended(self.pid)

    def start(self) -> None:
        """Ends the one before, if it runs still."""
        self.kill()
        self.pid = self._nursery.fork(self.name, self._command, self.pid, self._ahead)

    def stop(self) -> None:
        self.kill()

    def kill(self) -> None:
        pid = self.pid
        if pid is not None and not has_ended(pid):
            kill_group(pid)
            wait_until(lambda: has_ended(pid), END_SECONDS, 0.002)


def main() -> None:
    """Reads what to fork line by line, and answers with a pid each."""
    django.setup()
    importlib.import_module("workers.sweep")  # read once, for all
    importlib.import_module("workers.aws.sessions").make_ready(SERVICES, REGIONS)
    dies_with_this = dying_with_parent(signal.SIGKILL)
    for line in sys.stdin:
        asked = json.loads(line)
        _reap(asked["before"])
        pid = os.fork()
        if pid == 0:
            _leave_home(Path(asked["log"]), dies_with_this)
            with _clock_ahead(asked["ahead"]):
                call_command(*asked["command"])
            return
        os.setpgid(pid, pid)  # before anybody hears of it: it may be killed at once, with all of its group
        print(pid, flush=True)


def _clock_ahead(seconds: float) -> AbstractContextManager[object]:
    """Read where it is needed alone: what moves the clock brings pytest with it, longer to read than all of this."""
    if not seconds:
        return nullcontext()
    moved: AbstractContextManager[object] = importlib.import_module("time_machine").travel(
        time.time() + seconds, tick=True
    )
    return moved


def _reap(pid: int | None) -> None:
    """Not before its successor is asked for: until then its number is nobody else's."""
    if pid is not None:
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)


def _leave_home(log: Path, dies_with_parent: Callable[[], None]) -> None:
    """Nothing is read any more, and all that is said goes to the log."""
    dies_with_parent()
    with log.open("ab") as written, Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(written.fileno(), 1)
        os.dup2(written.fileno(), 2)


if __name__ == "__main__":
    main()
