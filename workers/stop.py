"""Tells running tasks that their process is to stop."""

import mmap
import time

POLL_INTERVAL = 0.05


class SharedFlag:
    """A flag in memory that forked processes share. Unlike an event of `multiprocessing` it may be set in a signal handler
    of a process that waits for it.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 1)

    def set(self) -> None:
        self._memory[0] = 1

    def is_set(self) -> bool:
        return self._memory[0] == 1

    def wait(self, timeout: float | None = None) -> bool:
        """Whether it is set, `timeout` seconds later at most."""
        deadline = time.monotonic() + (float("inf") if timeout is None else timeout)
        while not self.is_set() and (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, POLL_INTERVAL))
        return self.is_set()


STOP = SharedFlag()
"""Set when this process, or the one that it was forked from, is told to stop. A sync or the reading of a trail ends
then, and the next worker continues it.
"""
