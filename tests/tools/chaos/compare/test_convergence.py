"""When chaos compares: not before all is proven or nothing moves any more, and never across an end."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.tools.chaos.compare.test_observed import GRANT
from tools.chaos.compare import convergence
from tools.chaos.compare.approved import Agreed
from tools.chaos.compare.convergence import MOST_TRIES, at_one_moment, rest

SETTLED, WAITS = GRANT, replace(GRANT, presence="pending", is_proven=False)
OTHER = replace(WAITS, intent=2)
OVER = replace(GRANT, is_live=False)
GONE = replace(OVER, presence="absent")


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convergence, "PAUSE", 0.0)


def reading(*times: list[Agreed]) -> Callable[[], list[Agreed]]:
    """The one after the other; the last one again and again."""
    it: Iterator[list[Agreed]] = iter(times)
    last = times[-1]
    return lambda: next(it, last)


def test_what_is_proven_in_time_is_neither_late_nor_left() -> None:
    found = rest(reading([WAITS], [SETTLED]), 60.0, standstill=0.0)
    assert (found.late, found.left) == (0, [])


def test_what_is_proven_after_its_time_is_late() -> None:
    found = rest(reading([WAITS, OTHER], [WAITS, OTHER], [SETTLED, OTHER], [SETTLED]), 0.0, standstill=60.0)
    assert (found.late, found.left) == (2, [])


def test_what_stands_still_is_left() -> None:
    found = rest(reading([WAITS, OTHER]), 0.0, standstill=0.0)
    assert (found.late, found.left) == (0, [WAITS, OTHER])


def test_a_proof_gives_the_others_their_time_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a slow machine's proofs each comes within the time, all of them do not."""
    now = iter(range(100))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(now)))
    waiting = [replace(WAITS, intent=number) for number in range(8)]
    found = rest(reading(*(waiting[done:] for done in range(9))), 0.0, standstill=5.0)
    assert (found.late, found.left) == (8, [])


def test_a_grant_that_ends_while_aws_is_read_is_compared_when_it_is_gone() -> None:
    """Else what its holder held a moment ago looks like access that nobody took away."""
    read = reading([SETTLED], [OVER], [OVER], [GONE])
    assert at_one_moment(read, lambda agreed: [one.is_live for one in agreed]) == ([GONE], [False])


def test_what_changes_again_and_again_is_compared_in_the_end() -> None:
    flips = [[SETTLED], [replace(GRANT, is_live=False, presence="absent")]]
    read = reading(*(flips[number % 2] for number in range(3 * MOST_TRIES)))
    looks: list[list[Agreed]] = []
    at_one_moment(read, looks.append, standstill=0.0)
    assert len(looks) == MOST_TRIES
