"""What becomes due while nobody calls: late events and log files, brought by a thread of the server's own."""

import logging
import threading

from mocklake.server.simulator import Simulator

SECONDS = 0.1
log = logging.getLogger("mocklake")


class Ticker(threading.Thread):
    """Runs until `stop()`; a failure is logged and does not end it."""

    def __init__(self, simulator: Simulator) -> None:
        super().__init__(name="ticker", daemon=True)
        self._simulator = simulator
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(SECONDS):
            try:
                self._simulator.tick()
            except Exception:
                log.exception("what is due could not be brought")

    def stop(self) -> None:
        self._ended.set()
        self.join()
