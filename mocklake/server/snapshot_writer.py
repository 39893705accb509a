"""When snapshots are written.

As soon as writing pauses, and at the latest a second after a write; then it rests for five times the processor time that
it took, so that a large world is not written without end. A failure is tried again after a pause that grows.
"""

import resource
import threading
import time
from collections.abc import Callable
from pathlib import Path

from mocklake.server import snapshot
from mocklake.server.simulator import Simulator
from mocklake.world import World

QUIET_SECONDS = 0.15
LATEST_SECONDS = 1.0
RESTS = 5
"""How many times the processor time that a writing took it rests."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 30.0
"""After the first failure, doubled with each further one."""


class Writer(threading.Thread):
    """Watches the simulator's count of writes; `stop()` writes what is left."""

    def __init__(self, simulator: Simulator) -> None:
        super().__init__(name="snapshot", daemon=True)
        self._simulator = simulator
        self._ended = threading.Event()
        self._saved = simulator.writes
        self._rest_until = 0.0

    def run(self) -> None:
        while not self._ended.wait(QUIET_SECONDS / 2):
            if self._simulator.writes != self._saved and time.monotonic() > self._rest_until:
                self._settle()
                self._save(snapshot.write_apart)

    def stop(self) -> None:
        self._ended.set()
        self.join()
        self._save(snapshot.write)

    def _settle(self) -> None:
        latest = time.monotonic() + LATEST_SECONDS
        seen = -1
        while seen != self._simulator.writes and time.monotonic() < latest:
            seen = self._simulator.writes
            self._ended.wait(QUIET_SECONDS)

    def _save(self, write: Callable[[Path, World], None]) -> None:
        folder, saving = self._simulator.folder, self._simulator.writes
        if folder is None or saving == self._saved:
            return
        used, health = _processor_seconds(), self._simulator.snapshot_health
        try:
            write(folder, self._simulator.world)
        except snapshot.SnapshotError as error:
            health.note_failure(str(error), error.trace)
            self._rest_until = time.monotonic() + compute_pause(health.attempts)
            return
        self._saved = saving
        health.note_success()
        self._rest_until = time.monotonic() + RESTS * (_processor_seconds() - used)


def _processor_seconds() -> float:
    """Of the processes that wrote."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def compute_pause(attempts: int) -> float:
    return min(FIRST_PAUSE_SECONDS * 2.0 ** min(attempts - 1, 10), LONGEST_PAUSE_SECONDS)
