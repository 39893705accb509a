"""A run that never saw AWS has watched nothing, and says so."""

from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from demo.embedded.waits import NotSeenError
from tools.chaos.compare.watcher import AccessWatcher


class BlindWatcher(AccessWatcher):
    """Its looks fail, or not."""

    poll_seconds = 60.0

    def __init__(self, error: Exception | None = None) -> None:
        cloud = SimpleNamespace(control=lambda _path: [])
        stage: Any = SimpleNamespace(cloud=cloud, write_line=lambda _line: None)
        super().__init__(stage)
        self.error = error
        self.looks = 0

    def check(self) -> None:
        self.looks += 1
        if self.error:
            raise self.error


def test_a_watcher_without_a_single_look_names_why() -> None:
    watch = BlindWatcher(psycopg.OperationalError("the server is away\nand once more"))
    watch.start()
    with pytest.raises(NotSeenError, match=r"with AWS: the server is away$"):
        watch.stop()


def test_a_watcher_that_is_stopped_early_looks_once() -> None:
    watch = BlindWatcher()
    watch.start()
    watch.stop()
    assert watch.looks == 1
