"""A part that cannot be started, for whatever reason, ends neither the supervisor nor the other parts."""

import tempfile
from pathlib import Path

from demo.embedded.child_process import wait_until
from demo.embedded.state_folder import StateFolder
from demo.supervisor.supervisor import Supervisor


class FailingPart:
    """A part that ends again and again, and whose start fails as nobody foresaw for some times."""

    def __init__(self, name: str, failures: int) -> None:
        self.name, self.is_running = name, False
        self.pid: int | None = None
        self.starts, self._failures = 0, failures

    def start(self) -> None:
        self.starts += 1
        if self.starts in range(2, 2 + self._failures):
            raise MemoryError("no process could be made")

    def stop(self) -> None:
        """There is none."""

    kill = stop


def test_it_is_tried_again_and_the_others_are_kept_alive() -> None:
    said: list[str] = []
    with tempfile.TemporaryDirectory(prefix="mm-") as temporary:
        supervisor = Supervisor(StateFolder(Path(temporary)), port=0, write_line=said.append)
        broken, other = FailingPart("worker", 1), FailingPart("beat", 0)
        for part in (broken, other):
            supervisor.start_part(part, part.name)
        supervisor.serve(lambda _supervisor: _wait_until_started(broken, other), once=True)
    assert broken.starts >= 3
    assert other.starts >= 2
    assert "worker could not be started: MemoryError: no process could be made" in said


def _wait_until_started(broken: FailingPart, other: FailingPart) -> None:
    assert wait_until(lambda: broken.starts >= 3 and other.starts >= 2, 20)
