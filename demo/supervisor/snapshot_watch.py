"""Whether the pretend AWS can write its state, asked while the demo runs."""

import http
import json
import threading
from collections.abc import Callable

from demo.supervisor import programs

SECONDS = 2.0


class SnapshotWatch(threading.Thread):
    """Writes a line when it begins to fail and when it is well again; `trouble` is empty in between."""

    def __init__(self, port: int, write_line: Callable[[str], None], seconds: float = SECONDS) -> None:
        super().__init__(name="snapshot-watch", daemon=True)
        self.port = port
        self.trouble = ""
        self._write_line, self._seconds = write_line, seconds
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(self._seconds):
            self._note(read_snapshot_error(self.port))

    def stop(self) -> None:
        self._ended.set()

    def _note(self, error: str) -> None:
        if error != self.trouble:
            failing = (
                f"mocklake cannot write its state: {error}. A restart would lose what was written since."
            )
            self._write_line(failing if error else "mocklake writes its state again")
        self.trouble = error


def read_snapshot_error(port: int) -> str:
    """Empty when it is well, and when nobody answers: a part that is down is told elsewhere."""
    status, body = programs.fetch(port, programs.HEALTH_PATH)
    if status != http.HTTPStatus.SERVICE_UNAVAILABLE:
        return ""
    return str(json.loads(body)["snapshot"]["error"])
