"""Parts of chaos side by side: each in a process of its own, on a stage of its own, those of a lane one after the other."""

import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from demo.bootstrap import ROOT
from demo.embedded import EmbeddedError
from demo.embedded.process import dying_with_parent

POLL_SECONDS = 0.1
Command = Callable[[str], list[str]]
"""Of a part."""


class Lane:
    """Parts still to come and the one that runs; only for the main thread, as children die with their thread."""

    def __init__(self, parts: Sequence[str], command: Command, say: Callable[[str], None]) -> None:
        self._parts, self._command, self._say = list(parts), command, say
        self._part = ""
        self._process: subprocess.Popen[str] | None = None
        self._last = ""
        self.figures: list[dict[str, Any]] = []

    def go_on(self) -> bool:
        """Takes what has ended, and starts the next part; False when nothing is left. EmbeddedError."""
        if self._process is not None:
            if self._process.poll() is None:
                return True
            self._take()
        if not self._parts:
            return False
        self._start(self._parts.pop(0))
        return True

    def stop(self) -> None:
        """As on Ctrl-C: the part then leaves nothing behind."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait()
            self._reader.join()

    def _start(self, part: str) -> None:
        self._part, self._last = part, ""
        self._process = subprocess.Popen(
            self._command(part),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=dying_with_parent(signal.SIGTERM),  # noqa: PLW1509 - made by the main thread
        )
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    def _listen(self) -> None:
        """A line is told when the next one comes: the last one is the figures."""
        assert self._process is not None
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                if self._last:
                    self._say(f"[{self._part}] {self._last}")
                self._last = line.rstrip()

    def _take(self) -> None:
        self._reader.join()
        self._process = None
        try:
            self.figures.append(json.loads(self._last))
        except ValueError as error:
            raise EmbeddedError(f"Part {self._part} ended without figures: {self._last}") from error


def side_by_side(
    lanes: Sequence[Sequence[str]], command: Command, say: Callable[[str], None]
) -> list[dict[str, Any]]:
    """The figures of every part, which its command prints on its last line. EmbeddedError when one has none."""
    running = [Lane(parts, command, say) for parts in lanes]
    try:
        while sum(lane.go_on() for lane in running):
            time.sleep(POLL_SECONDS)
    finally:
        for lane in running:
            lane.stop()
    return [figures for lane in running for figures in lane.figures]
