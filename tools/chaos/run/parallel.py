"""Parts of chaos side by side: those of a lane in one process one after the other, on one ground, each on its stage."""

import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from demo.bootstrap import ROOT
from demo.embedded.errors import EmbeddedError
from demo.embedded.process import dying_with_parent

POLL_SECONDS = 0.1


class Lane:
    """A command that runs its parts and prints its figures last; made by the main thread, as children die with theirs."""

    patience = 60.0
    """Seconds that its parts have to end what they began."""

    def __init__(self, command: Sequence[str], say: Callable[[str], None]) -> None:
        self._say, self._last = say, ""
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=dying_with_parent(signal.SIGTERM),  # noqa: PLW1509 - made by the main thread
        )
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    @property
    def is_broken(self) -> bool:
        return self._process.poll() is not None and not self.figures()

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def figures(self) -> list[dict[str, Any]]:
        """Of each part, once the process has ended; none when it printed none."""
        self._reader.join()
        try:
            found = json.loads(self._last)
        except ValueError:
            return []
        return list(found.get("parts", [found]))

    @property
    def last_words(self) -> str:
        return self._last

    def stop(self) -> None:
        """As on Ctrl-C: the parts then leave nothing behind. One that does not listen, as where a shell in the background
        had it ignore Ctrl-C, is ended.
        """
        if self.is_running:
            self._process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(self.patience)
            self._process.kill()
            self._process.wait()
        self._reader.join()

    def _listen(self) -> None:
        """A line is told when the next one comes: the last one is the figures."""
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                if self._last:
                    self._say(self._last)
                self._last = line.rstrip()


def side_by_side(commands: Sequence[Sequence[str]], say: Callable[[str], None]) -> list[dict[str, Any]]:
    """The figures of every part, in the order of the commands. EmbeddedError when a command prints none."""
    lanes: list[Lane] = []
    try:
        lanes += [Lane(command, say) for command in commands]
        while any(lane.is_running for lane in lanes):
            time.sleep(POLL_SECONDS)
            if broken := [lane.last_words for lane in lanes if lane.is_broken]:
                raise EmbeddedError(f"A lane ended without figures: {broken[0]}")
    finally:
        for lane in lanes:
            lane.stop()
    return [figures for lane in lanes for figures in lane.figures()]
