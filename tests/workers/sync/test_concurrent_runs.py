"""Workers are threads of one process: two catalogs are read at once, and what they set for all of it ends with both."""

import gc
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

from workers.sync.reading import PageReader
from workers.sync.runs import SWITCH_INTERVAL, tuned_for_pages

PAGES = 12


class FakeReading:
    """Stands for a reading; `most` is in how many threads its pages were compared at once."""

    def __init__(self) -> None:
        self.database = SimpleNamespace(name="claims")
        self.most = self._now = 0

    def find_differences(self, answers: Iterable[Any]) -> list[Any]:
        self._now += 1
        self.most = max(self.most, self._now)
        time.sleep(0.005)
        self._now -= 1
        return []


class FakeGlue:
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
    with ExitStack() as second, tuned_for_pages():
        second.enter_context(tuned_for_pages())
        assert sys.getswitchinterval() == SWITCH_INTERVAL
    assert (gc.get_threshold(), sys.getswitchinterval()) == before


def test_pages_are_asked_for_at_once_and_compared_one_after_the_other() -> None:
    listing, compared = FakeGlue(), FakeReading()
    rate: Any = SimpleNamespace(take_token=lambda: True, record_call=lambda throttled: None)
    reader = PageReader(listing, "1", rate, max_pages=4, stop=threading.Event())
    readings: Any = iter([compared] * PAGES)

    pages = list(reader.iterate_pages(readings))

    assert len(pages) == PAGES
    assert listing.most > 1
    assert compared.most == 1
