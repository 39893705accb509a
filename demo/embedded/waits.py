"""Waits for something to be seen. What is not seen is an error that names it, never a value."""

import time
from collections.abc import Callable
from typing import TypeVar

from demo.embedded.errors import EmbeddedError

Answer = TypeVar("Answer")


class NotSeenError(EmbeddedError):
    """What was waited for was not seen; the message names it."""


def wait_for(condition: Callable[[], Answer], seconds: float, otherwise: str, pause: float = 0.1) -> Answer:
    """The first true answer of `condition`; NotSeenError, which begins with `otherwise`, when none came within `seconds`."""
    end = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > end:
            raise NotSeenError(f"{otherwise} within {seconds:.0f} s")
        time.sleep(pause)
    return answer
