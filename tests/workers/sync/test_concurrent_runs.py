"""Workers are threads of one process: two catalogs are read at once, and what they set for all of it ends with both."""

import gc
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

from workers.sync.pages import PageReader
from workers.sync.runs import SOON, set_for_pages

PAGES = 12


class Compared:
    """Stands for a reading; `most` is in how many threads its pages were compared at once."""

    def __init__(self) -> None:
        self.database = SimpleNamespace(name="claims")
        self.most = self._now = 0

    def differences(self, answers: Iterable[Any]) -> list[Any]:
        self._now += 1
        self.most = max(self.most, self._now)
        time.sleep(0.005)
        self._now -= 1
        return []


class Listing:
    """Stands for Glue: `most` is how many pages were asked for at once."""

    def __init__(self) -> None:
        self.most = self._now = 0
        self._lock = threading.Lock()

    def get_tables(self, **_asked: Any) -> dict[str, Any]:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(0.02)
        with self._lock:
            self._now -= 1
        return {"TableList": [{"Name": "claims"}]}


def test_two_readings_that_overlap_leave_the_interpreter_as_it_was() -> None:
    before = gc.get_threshold(), sys.getswitchinterval()
    with ExitStack() as second, set_for_pages():
        second.enter_context(set_for_pages())
        assert sys.getswitchinterval() == SOON
    assert (gc.get_threshold(), sys.getswitchinterval()) == before


def test_pages_are_asked_for_at_once_and_compared_one_after_the_other() -> None:
    listing, compared = Listing(), Compared()
    rate: Any = SimpleNamespace(take=lambda: True, told=lambda throttled: None)
    reader = PageReader(listing, "1", rate, at_once=4, stop=threading.Event())
    readings: Any = iter([compared] * PAGES)

    pages = list(reader.pages(readings))

    assert len(pages) == PAGES
    assert listing.most > 1
    assert compared.most == 1
