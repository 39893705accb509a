"""HTTP for a WSGI application, one thread for each connection; and the threads beside it, by which late events come
and snapshots are written.

As soon as writing pauses, and at the latest a second after a write; then it rests for five times the processor time that
it took, so that a large world is not written without end. A failure is tried again after a pause that grows. Log files that
were delivered and nothing else are written within a minute, and when the server ends.
"""

import logging
import resource
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from mocklake import moto_bridge
from mocklake.server import snapshot
from mocklake.server.simulator import Simulator
from mocklake.world import World

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
SHORTEST_SECONDS = 0.1
"""Between two looks, however often something is due."""
log = logging.getLogger("mocklake")
QUIET_SECONDS = 0.15
LATEST_SECONDS = 1.0
DELIVERIES_SECONDS = 60.0
RESTS = 5
"""How many times the processor time that a writing took it rests."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 30.0
"""After the first failure, doubled with each further one."""


def make_http_server(host: str, port: int, application: Application) -> BaseWSGIServer:
    """It listens, and serves by `serve_forever`; port 0 takes a free one."""
    server = make_server(host, port, application, threaded=True, request_handler=_QuietHandler)
    server.daemon_threads = True  # type: ignore[attr-defined]
    return server


class _QuietHandler(WSGIRequestHandler):
    """No line for each request: the control API's `calls` tells more."""

    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass

    def make_environ(self) -> dict[str, Any]:
        """With the headers that werkzeug leaves out: names of metadata may hold underscores."""
        environ = super().make_environ()
        return environ | moto_bridge.keep_underscores(self.headers.items())

    def connection_dropped(self, error: BaseException, environ: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """Closes at once, also when it was us who dropped the answer: the client shall not wait for it."""
        self.close_connection = True


class Ticker(threading.Thread):
    """Sleeps until something is due, and runs until `stop()`; a failure is logged and does not end it."""

    def __init__(self, simulator: Simulator) -> None:
        super().__init__(name="ticker", daemon=True)
        self._simulator = simulator
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.is_set():
            self._simulator.rescheduled.wait(self._simulator.seconds_until_due())
            self._simulator.rescheduled.clear()
            if self._ended.wait(SHORTEST_SECONDS):
                return
            try:
                self._simulator.tick()
            except Exception:
                log.exception("what is due could not be brought")

    def stop(self) -> None:
        self._ended.set()
        self._simulator.rescheduled.set()
        self.join()


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
        self._save(snapshot.write_snapshot)

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
    """Sums up the processes that wrote."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def compute_pause(attempts: int) -> float:
    return min(FIRST_PAUSE_SECONDS * 2.0 ** min(attempts - 1, 10), LONGEST_PAUSE_SECONDS)
