"""Makes garbage collection rare in workers: loaded modules stay, and reference counts free what a round makes."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = 20_000
"""Objects that are made and not freed again before Python looks through the youngest; its own is 700."""


def seek_seldom() -> None:
    """For a process that has loaded its code: from now on that is never looked through again, and the rest seldom. A third of
    the time of a large plan went into it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(SELDOM, *gc.get_threshold()[1:])


@contextmanager
def sought_seldom() -> Iterator[None]:
    """Likewise inside the block."""
    usual = gc.get_threshold()
    seek_seldom()
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
