"""When chaos compares: not before all is proven or nothing moves any more, and never across an end."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from demo.embedded.waits import NotSeenError
from tests.tools.chaos.compare.test_observed import GRANT
from tools.chaos.compare import convergence
from tools.chaos.compare.approved_access import ApprovedAccess
from tools.chaos.compare.convergence import MAX_TRIES, read_unchanged, wait_until_proven

SETTLED, WAITS = GRANT, replace(GRANT, presence="pending", is_proven=False)
OTHER = replace(WAITS, intent=2)
OVER = replace(GRANT, is_live=False)
GONE = replace(OVER, presence="absent")


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convergence, "POLL_SECONDS", 0.0)


def build_reader(*times: list[ApprovedAccess]) -> Callable[[], list[ApprovedAccess]]:
    """The one after the other; the last one again and again."""
    it: Iterator[list[ApprovedAccess]] = iter(times)
    last = times[-1]
    return lambda: next(it, last)


def test_what_is_proven_in_time_is_neither_late_nor_left() -> None:
    found = wait_until_proven(build_reader([WAITS], [SETTLED]), 60.0, standstill=0.0)
    assert (found.late_count, found.unproven) == (0, [])


def test_what_is_proven_after_its_time_is_late() -> None:
    found = wait_until_proven(
        build_reader([WAITS, OTHER], [WAITS, OTHER], [SETTLED, OTHER], [SETTLED]), 0.0, standstill=60.0
    )
    assert (found.late_count, found.unproven) == (2, [])


def test_what_stands_still_is_left() -> None:
    found = wait_until_proven(build_reader([WAITS, OTHER]), 0.0, standstill=0.0)
    assert (found.late_count, found.unproven) == (0, [WAITS, OTHER])


def test_a_proof_gives_the_others_their_time_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a slow machine's proofs each comes within the time, all of them do not."""
    now = iter(range(100))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(now)))
    waiting = [replace(WAITS, intent=number) for number in range(8)]
    found = wait_until_proven(build_reader(*(waiting[done:] for done in range(9))), 0.0, standstill=5.0)
    assert (found.late_count, found.unproven) == (8, [])


def test_a_grant_that_ends_while_aws_is_read_is_compared_when_it_is_gone() -> None:
    """Else what its holder held a moment ago looks like access that nobody took away."""
    read = build_reader([SETTLED], [OVER], [OVER], [GONE])
    assert read_unchanged(read, lambda agreed: [one.is_live for one in agreed]) == ([GONE], [False])


def test_what_changes_during_each_look_is_never_compared() -> None:
    flips = [[SETTLED], [replace(GRANT, is_live=False, presence="absent")]]
    read = build_reader(*(flips[number % 2] for number in range(3 * MAX_TRIES)))
    looks: list[list[ApprovedAccess]] = []
    with pytest.raises(NotSeenError, match="No moment was seen in which no grant changed"):
        read_unchanged(read, looks.append, standstill=0.0)
    assert len(looks) == MAX_TRIES
