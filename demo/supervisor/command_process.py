"""`python -m demo.supervisor.command_process`: a process that has read all code, and runs one management command after the other.

Each line of its input is a command; the answer on its output is an empty line, or why the command failed.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

import django
from django.core.management import call_command, load_command_class
from django.db import connections

from demo.embedded.child_process import (
    SILENCE_SECONDS,
    EmbeddedError,
    make_parent_death_hook,
    read_activity,
    wait_while_moving,
)
from demo.embedded.state_folder import StateFolder

READ_COMMANDS = {"seed_demo": "demo", "sync": "workers"}
"""Whose code a process reads while the services still start, with the application of each."""


class CommandProcess:
    """The asking side; what the commands print goes to the log of that name. `helpers` tells the processes that work for it."""

    def __init__(
        self,
        folder: StateFolder,
        name: str,
        environment: Mapping[str, str],
        helpers: Callable[[], Sequence[int]] = list,
    ) -> None:
        self._helpers = helpers
        self.name, self.log = name, folder.log_file(name)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "demo.supervisor.command_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=dict(environment),
                start_new_session=True,
                preexec_fn=make_parent_death_hook(signal.SIGKILL),  # noqa: PLW1509 - made by the main thread
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def run(
        self,
        name: str,
        *arguments: str,
        variables: Mapping[str, str] | None = None,
        silence: float = SILENCE_SECONDS,
    ) -> None:
        """Runs a command to its end with more environment variables; EmbeddedError with its reason."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        answer = self._process.stdout
        asked = {"command": [name, *arguments], "variables": dict(variables or {})}
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(asked).encode() + b"\n")
            self._process.stdin.flush()
        is_moving = wait_while_moving(
            f"manage.py {name}",
            lambda: bool(select.select([answer], [], [], 0)[0]),
            lambda: read_activity(self._process.pid, self.log, *self._helpers()),
            silence,
        )
        if not is_moving:
            raise EmbeddedError(f"manage.py {name} has done nothing for {silence:.0f} s (log: {self.log})")
        line = answer.readline().decode()
        if line != "\n":
            reason = line.strip() or "it ended"
            raise EmbeddedError(f"manage.py {name} failed: {reason} (log: {self.log})")

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


def main() -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    django.setup()
    for name, application in READ_COMMANDS.items():
        load_command_class(application, name)
    for line in sys.stdin:
        asked = json.loads(line)
        os.environ.update(asked["variables"])
        answers.write(f"{run_command(asked['command'])}\n")
        answers.flush()


def run_command(command: list[str]) -> str:
    """Why it failed, in one line; nothing if it did not."""
    try:
        call_command(*command)
    except Exception as error:  # noqa: BLE001 - the asking side tells it
        return " ".join(f"{type(error).__name__}: {error}".split())
    finally:
        connections.close_all()
    return ""


if __name__ == "__main__":
    main()
