"""An in-process rate limit for anonymous, dispensable requests."""

import threading
from collections import Counter


class Throttle:
    """A fixed window of `seconds` with a limit per address and a total limit."""

    def __init__(self, *, seconds: float, limit_per_address: int, total_limit: int) -> None:
        self._seconds, self._limit_per_address, self._total_limit = seconds, limit_per_address, total_limit
        self._lock = threading.Lock()
        self._window_end = 0.0
        self._counts: Counter[str] = Counter()

    def allows(self, address: str, now: float) -> bool:
        """Also counts the request. `now` is from a monotonic clock."""
        with self._lock:
            if now >= self._window_end:
                self._window_end = now + self._seconds
                self._counts.clear()
            if self._counts.total() >= self._total_limit or self._counts[address] >= self._limit_per_address:
                return False
            self._counts[address] += 1
            return True
