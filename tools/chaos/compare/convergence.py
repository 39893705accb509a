"""When a run has come to rest: all is proven, and AWS is compared at a moment in which nobody's access changed.

Nothing here goes by how fast the machine is. Whoever compares takes a while to read; a grant that ends meanwhile would
look like access that nobody took away.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tools.chaos.compare.approved import Agreed, stuck

STANDSTILL_SECONDS = 240.0
"""Without a single proof: what is not proven then is stuck."""
PAUSE = 0.25
MOST_TRIES = 20
"""Comparisons in a row into which something fell."""
Read = Callable[[], list[Agreed]]
Found = TypeVar("Found")


@dataclass(frozen=True)
class Rest:
    """`late` grants were proven, but after the time they had; `left` were not; `seconds` until the last proof."""

    late: int
    left: list[Agreed]
    seconds: float


def rest(read: Read, patience: float, *, standstill: float = STANDSTILL_SECONDS) -> Rest:
    """Waits until all is proven, or until for `standstill` seconds after its `patience` nothing more was."""
    began = time.monotonic()
    left = _left_after(read, began + patience)
    unproven = fewest = len(left)
    end = time.monotonic() + standstill
    while left and time.monotonic() < end:
        time.sleep(PAUSE)
        left = stuck(read())
        if len(left) < fewest:
            fewest, end = len(left), time.monotonic() + standstill
    return Rest(max(0, unproven - len(left)), left, round(time.monotonic() - began, 1))


def _left_after(read: Read, end: float) -> list[Agreed]:
    left = stuck(read())
    while left and time.monotonic() < end:
        time.sleep(PAUSE)
        left = stuck(read())
    return left


def at_one_moment(
    read: Read, look: Callable[[list[Agreed]], Found], *, standstill: float = STANDSTILL_SECONDS
) -> tuple[list[Agreed], Found]:
    """What was agreed to, and what `look` found of it while that stayed as it was; waits for what comes in between."""
    for _ in range(MOST_TRIES):
        before = read()
        found = look(before)
        if _states(before) == _states(read()):
            break
        rest(read, 0.0, standstill=standstill)
    return before, found


def _states(agreed: list[Agreed]) -> list[tuple[int, bool, bool]]:
    return sorted((one.intent, one.is_live, one.is_settled) for one in agreed)
