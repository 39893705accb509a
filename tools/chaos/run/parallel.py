"""Parts of chaos side by side: those of a lane one after the other in one process, on one PostgreSQL."""

import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from demo.bootstrap import ROOT
from demo.embedded.child_process import EmbeddedError, make_parent_death_hook

POLL_SECONDS = 0.1


class PartProcess:
    """A command that runs its parts and prints its figures last; made by the main thread, as children die with theirs."""

    stop_seconds = 60.0
    """Seconds that its parts have to end what they began."""

    def __init__(self, command: Sequence[str], say: Callable[[str], None]) -> None:
        self._say, self._last = say, ""
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=make_parent_death_hook(signal.SIGTERM),  # noqa: PLW1509 - made by the main thread
        )
        self._reader = threading.Thread(target=self._read_output, daemon=True)
        self._reader.start()

    @property
    def is_broken(self) -> bool:
        return self._process.poll() is not None and not self.read_figures()

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def read_figures(self) -> list[dict[str, Any]]:
        """Of each part, once the process has ended; none when it printed none."""
        self._reader.join()
        try:
            found = json.loads(self._last)
        except ValueError:
            return []
        return list(found.get("parts", [found]))

    @property
    def last_line(self) -> str:
        return self._last

    def stop(self) -> None:
        """As on Ctrl-C: the parts then leave nothing behind. One that does not listen, as where a shell in the background
        had it ignore Ctrl-C, is ended.
        """
        if self.is_running:
            self._process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(self.stop_seconds)
            self._process.kill()
            self._process.wait()
        self._reader.join()

    def _read_output(self) -> None:
        """A line is told when the next one comes: the last one is the figures."""
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                if self._last:
                    self._say(self._last)
                self._last = line.rstrip()


def run_in_parallel(commands: Sequence[Sequence[str]], say: Callable[[str], None]) -> list[dict[str, Any]]:
    """The figures of every part, in the order of the commands. EmbeddedError when a command prints none."""
    lanes: list[PartProcess] = []
    try:
        lanes += [PartProcess(command, say) for command in commands]
        while any(lane.is_running for lane in lanes):
            time.sleep(POLL_SECONDS)
            if broken := [lane.last_line for lane in lanes if lane.is_broken]:
                raise EmbeddedError(f"A lane ended without figures: {broken[0]}")
    finally:
        for lane in lanes:
            lane.stop()
    return [figures for lane in lanes for figures in lane.read_figures()]
