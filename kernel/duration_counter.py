"""Counts in memory what a process has done and how long it took."""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

CountRow = tuple[str, str, int, float]
"""What, its outcome, how often, seconds in all."""


def list_columns(rows: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    """The columns of rows, for `unnest`."""
    return [list(column) for column in zip(*rows, strict=True)]


class DurationCounter:
    """Counts by two labels, and stores the counts from time to time."""

    def __init__(self, store: Callable[[list[CountRow]], object], interval: float = 2.0) -> None:
        self._store, self._interval = store, interval
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str], tuple[int, float]] = {}
        self._written_at = 0.0

    def count(self, what: str, outcome: str, seconds: float) -> None:
        with self._lock:
            count, total = self._counts.get((what, outcome), (0, 0.0))
            self._counts[what, outcome] = count + 1, total + seconds

    def write(self, interval: float | None = None) -> None:
        """Store the counts, at most once in `interval` seconds."""
        with self._lock:
            if time.monotonic() - self._written_at < (self._interval if interval is None else interval):
                return
            rows = [(*key, *counted) for key, counted in sorted(self._counts.items())]
            self._counts.clear()
            self._written_at = time.monotonic()
        if rows:
            self._store(rows)
