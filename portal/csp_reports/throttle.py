"""How often something may be done, counted in this process: for what anybody may send and nobody misses."""

import threading
from collections import Counter


class Throttle:
    """So many of one address, and of all together, in each stretch of `seconds`."""

    def __init__(self, *, seconds: float, each: int, together: int) -> None:
        self._seconds, self._each, self._together = seconds, each, together
        self._lock = threading.Lock()
        self._ends = 0.0
        self._counted: Counter[str] = Counter()

    def allows(self, address: str, now: float) -> bool:
        """Counts it, too. `now` is of any clock that does not go back."""
        with self._lock:
            if now >= self._ends:
                self._ends = now + self._seconds
                self._counted.clear()
            if self._counted.total() >= self._together or self._counted[address] >= self._each:
                return False
            self._counted[address] += 1
            return True
