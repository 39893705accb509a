"""When a run has come to rest: all is proven, and AWS is compared at a moment in which nobody's access changed.

Nothing here goes by how fast the machine is. Whoever compares takes a while to read; a grant that ends meanwhile would
look like access that nobody took away.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from demo.embedded.waits import NotSeenError
from tools.chaos.compare.approved_access import ApprovedAccess, list_unproven

STANDSTILL_SECONDS = 240.0
"""Without a single proof: what is not proven then is stuck."""
POLL_SECONDS = 0.25
MAX_TRIES = 20
"""Comparisons in a row into which something fell."""
ReadApprovals = Callable[[], list[ApprovedAccess]]
Result = TypeVar("Result")


@dataclass(frozen=True)
class ConvergenceResult:
    """`late_count` grants were proven late; `unproven` were not proven; `seconds` until the last proof."""

    late_count: int
    unproven: list[ApprovedAccess]
    seconds: float


def wait_until_proven(
    read: ReadApprovals, patience: float, *, standstill: float = STANDSTILL_SECONDS
) -> ConvergenceResult:
    """Waits until all is proven, or until for `standstill` seconds after its `patience` nothing more was."""
    began = time.monotonic()
    left = _wait_for_unproven(read, began + patience)
    unproven = fewest = len(left)
    end = time.monotonic() + standstill
    while left and time.monotonic() < end:
        time.sleep(POLL_SECONDS)
        left = list_unproven(read())
        if len(left) < fewest:
            fewest, end = len(left), time.monotonic() + standstill
    return ConvergenceResult(max(0, unproven - len(left)), left, round(time.monotonic() - began, 1))


def _wait_for_unproven(read: ReadApprovals, end: float) -> list[ApprovedAccess]:
    left = list_unproven(read())
    while left and time.monotonic() < end:
        time.sleep(POLL_SECONDS)
        left = list_unproven(read())
    return left


def read_unchanged(
    read: ReadApprovals,
    look: Callable[[list[ApprovedAccess]], Result],
    *,
    standstill: float = STANDSTILL_SECONDS,
) -> tuple[list[ApprovedAccess], Result]:
    """What was agreed to, and what `look` found of it while that stayed as it was; waits for what comes in between.
    NotSeenError when something changed during each of the looks.
    """
    for _ in range(MAX_TRIES):
        before = read()
        found = look(before)
        if _states(before) == _states(read()):
            return before, found
        wait_until_proven(read, 0.0, standstill=standstill)
    raise NotSeenError(f"No moment was seen in which no grant changed, in {MAX_TRIES} comparisons.")


def _states(agreed: list[ApprovedAccess]) -> list[tuple[int, bool, bool]]:
    return sorted((one.intent, one.is_live, one.is_settled) for one in agreed)
