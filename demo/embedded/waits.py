"""Waits for something to be seen. What is not seen is an error that names it, never a value."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from demo.embedded.child_process import SILENCE_SECONDS, EmbeddedError

Answer = TypeVar("Answer")


class NotSeenError(EmbeddedError):
    """What was waited for was not seen; the message names it."""


def wait_for(
    condition: Callable[[], Answer | None], seconds: float, otherwise: str, pause: float = 0.1
) -> Answer:
    """The first true answer of `condition`; NotSeenError, which begins with `otherwise`, when none came within `seconds`."""
    end = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > end:
            raise NotSeenError(f"{otherwise} within {seconds:.0f} s")
        time.sleep(pause)
    return answer


def wait_for_change(
    look: Callable[[], Answer],
    is_so: Callable[[Answer], Any],
    otherwise: str,
    *,
    describe: Callable[[Answer], Any] = lambda found: found,
    silence: float = SILENCE_SECONDS,
    pause: float = 0.1,
) -> Answer:
    """The first thing seen that `is_so`. NotSeenError when what was seen, as described, has not changed for `silence` seconds:
    a loaded machine takes its time, and still each thing comes after the other.
    """
    seen, changed_at = None, time.monotonic()
    while not is_so(found := look()):
        if (now := describe(found)) != seen:
            seen, changed_at = now, time.monotonic()
        elif time.monotonic() - changed_at > silence:
            raise NotSeenError(f"{otherwise}, and nothing has changed for {silence:.0f} s")
        time.sleep(pause)
    return found
