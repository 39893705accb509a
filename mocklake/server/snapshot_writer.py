"""When snapshots are written.

As soon as writing pauses, and at the latest a second after a write; then it rests for five times the processor time that
it took, so that a large world is not written without end. A failure is tried again after a pause that grows. Log files that
were delivered and nothing else are written within a minute, and when the server ends.
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
DELIVERIES_SECONDS = 60.0
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
        self._saved, self._saved_deliveries = simulator.writes, simulator.deliveries
        self._saved_at = self._rest_until = 0.0

    def run(self) -> None:
        while not self._ended.is_set():
            self._simulator.changed.wait(self._compute_wait())
            self._simulator.changed.clear()
            if self._compute_wait() != 0.0 or self._ended.wait(self._rest_until - time.monotonic()):
                continue
            self._settle()
            self._save(snapshot.write_apart)

    def _compute_wait(self) -> float | None:
        """Seconds until there is something to write; None while there is nothing."""
        if self._simulator.writes != self._saved:
            return 0.0
        if self._simulator.deliveries != self._saved_deliveries:
            return max(0.0, self._saved_at + DELIVERIES_SECONDS - time.monotonic())
        return None

    def stop(self) -> None:
        self._ended.set()
        self._simulator.changed.set()
        self.join()
        self._save(snapshot.write)

    def _settle(self) -> None:
        latest = time.monotonic() + LATEST_SECONDS
        seen = -1
        while seen != self._simulator.writes and time.monotonic() < latest:
            seen = self._simulator.writes
            self._ended.wait(QUIET_SECONDS)

    def _save(self, write: Callable[[Path, World], None]) -> None:
        folder, saving, deliveries = (
            self._simulator.folder,
            self._simulator.writes,
            self._simulator.deliveries,
        )
        if folder is None or (saving, deliveries) == (self._saved, self._saved_deliveries):
            return
        used, health = _processor_seconds(), self._simulator.snapshot_health
        try:
            write(folder, self._simulator.world)
        except snapshot.SnapshotError as error:
            health.note_failure(str(error), error.trace)
            self._rest_until = time.monotonic() + compute_pause(health.attempts)
            return
        self._saved, self._saved_deliveries, self._saved_at = saving, deliveries, time.monotonic()
        health.note_success()
        self._rest_until = time.monotonic() + RESTS * (_processor_seconds() - used)


def _processor_seconds() -> float:
    """Of the processes that wrote."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def compute_pause(attempts: int) -> float:
    return min(FIRST_PAUSE_SECONDS * 2.0 ** min(attempts - 1, 10), LONGEST_PAUSE_SECONDS)
