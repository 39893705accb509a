"""`manage.py chaos`, parts *histories* and *races*: what they look for would be seen."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.tools.chaos.compare.test_observed import GRANT
from tools.chaos.compare import approved_access
from tools.chaos.compare.approved_access import AccessLine
from tools.chaos.scenarios.histories import HistoryWatcher
from tools.chaos.scenarios.races import compute_percentile


class FakeWatcher(HistoryWatcher):
    """An eye that is told what it sees."""

    def __init__(self, *held: list[AccessLine], late: float = 0.0) -> None:
        super().__init__(stage=None, late=late, holders=set())  # type: ignore[arg-type]
        self._readings = iter(held)

    def read_approved(self) -> list[approved_access.ApprovedAccess]:
        """Live, of two columns."""
        return [GRANT]

    def _read_lines(self) -> Counter[AccessLine]:
        return Counter(next(self._readings))


def test_a_column_that_goes_for_a_round_was_taken_early() -> None:
    every = list(GRANT.list_lines())
    eye = FakeWatcher(every, every[:-1], every)
    for _ in range(3):
        eye.check_round()
    assert eye.early == {every[-1]}


def test_what_a_late_listing_lacks_is_looked_for_once_more() -> None:
    every = list(GRANT.list_lines())
    listed, gone = (
        FakeWatcher(every, every[:-1], every, late=0.01),
        FakeWatcher(every, every[:-1], every[:-1], late=0.01),
    )
    for eye in (listed, gone):
        eye.check_round()
        eye.check_round()
    assert (listed.early, gone.early) == (set(), {every[-1]})


def test_what_was_not_there_yet_was_not_taken() -> None:
    every = list(GRANT.list_lines())
    eye = FakeWatcher([], every[:1], every)
    for _ in range(3):
        eye.check_round()
    assert eye.early == set()


@pytest.mark.parametrize(
    ("change", "word"),
    [(lambda every: every[:-1], "lost"), (lambda every: [*every, (*every[-1][:5], "iban")], "extra")],
)
def test_in_the_end_each_column_counts(change: Callable[[Any], Any], word: str) -> None:
    eye = FakeWatcher(change(list(GRANT.list_lines())))
    eye.check_settled()
    assert {name: len(getattr(eye, name)) for name in ("lost", "extra")} == {"lost": 0, "extra": 0} | {
        word: 1
    }


def test_the_slowest_in_a_hundred_may_be_slower() -> None:
    assert compute_percentile([]) == 0.0
    assert compute_percentile([float(n) for n in range(1, 101)]) == 99.0
