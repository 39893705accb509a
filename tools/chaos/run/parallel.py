"""Parts of chaos side by side: in lanes, one part shared by several processes, and how much each part does."""

import json
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from demo.bootstrap import ROOT
from demo.embedded.child_process import EmbeddedError, make_parent_death_hook
from tools.chaos.report import PartReport

POLL_SECONDS = 0.1
SHARED_FROM = {"histories": 500, "races": 500, "drift": 2000}
"""From which number on two processes share a part: before that, a second stage costs more than it saves. Of so many
changes each process still makes enough to be timed at the end.
"""


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
        """Reads the figures of each part, once the process has ended; none when it printed none."""
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


@dataclass(frozen=True)
class PartSize:
    """`requests` are what the part counts: requests, times, histories, races, changes, tables."""

    requests: int
    kills: int = 0
    parallel_size: "PartSize | None" = None
    """What another process does meanwhile."""


def split_size(part: str, size: PartSize, processes: int | None) -> list[PartSize]:
    """What each process does: as equal as may be, together all of it. How many there are is said, or a part of that
    size is meant for them.
    """
    if processes is None and size.parallel_size:
        return [PartSize(size.requests, size.kills), size.parallel_size]
    is_shared = part in SHARED_FROM and size.requests >= SHARED_FROM[part]
    many = min(processes or (2 if is_shared else 1), size.requests)
    ends = [size.requests * number // many for number in range(many + 1)]
    return [PartSize(end - start, size.kills) for start, end in pairwise(ends)]


def merge_reports(figures: Sequence[Mapping[str, Any]]) -> PartReport:
    """One report of all: what was counted is added up, what was measured is the worst of them, at least as bad as of all
    together. The seed is the first one's.
    """
    report = PartReport(figures[0]["part"], figures[0]["seed"])
    for name, value in vars(report).items():
        each = [figure[name] for figure in figures]
        if isinstance(value, dict):
            setattr(report, name, dict(sum(map(Counter, each), Counter())))
        elif isinstance(value, float):
            setattr(report, name, max(each))
        elif name not in {"part", "seed"}:
            setattr(report, name, sum(each))
    return report


FULL: Mapping[str, PartSize] = {
    "kills": PartSize(500, 500),
    "sweeps": PartSize(500, 500),
    "faults": PartSize(500),
    "outages": PartSize(500),
    "decisions": PartSize(50),
    "histories": PartSize(5000),
    "races": PartSize(10_000),
    "registrations": PartSize(300, 300),
    "sync": PartSize(10_000, 200, parallel_size=PartSize(100_000, 5)),
    "drift": PartSize(10_000),
}
USUAL: Mapping[str, PartSize] = {
    "kills": PartSize(500, 500),
    "sweeps": PartSize(100, 100),
    "faults": PartSize(200),
    "outages": PartSize(200),
    "decisions": PartSize(50),
    "histories": PartSize(1000),
    "races": PartSize(1000),
    "registrations": PartSize(60, 60),
    "sync": PartSize(2_000, 40),
    "drift": PartSize(3000),
}
QUICK: Mapping[str, PartSize] = {
    "kills": PartSize(10, 8),
    "sweeps": PartSize(6, 5),
    "faults": PartSize(6),
    "outages": PartSize(12),
    "decisions": PartSize(3),
    "histories": PartSize(4),
    "races": PartSize(6),
    "registrations": PartSize(6, 5),
    "sync": PartSize(450, 2),
    "drift": PartSize(20),
}
"""Still so much that every moment of a kill is looked for, and every class of changes is made."""
