"""What becomes due while nobody calls: late events and log files, brought by a thread of the server's own."""

import logging
import threading

from mocklake.server.simulator import Simulator

SHORTEST_SECONDS = 0.1
"""Between two looks, however often something is due."""
log = logging.getLogger("mocklake")


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
