"""A step waits as long as what it looks at changes."""

from itertools import chain, count, repeat

import pytest

from demo.journey.steps import StepFailedError, wait_for_change


def test_what_changes_is_waited_for() -> None:
    seen = count()
    assert (
        wait_for_change(lambda: next(seen), lambda number: number == 50, "no end", silence=0.0, pause=0.0)
        == 50
    )


def test_what_stays_as_it_was_is_given_up() -> None:
    seen = chain(range(5), repeat(5))
    with pytest.raises(StepFailedError, match="no end, and nothing has changed"):
        wait_for_change(lambda: next(seen), lambda number: number == 6, "no end", silence=0.0, pause=0.0)


def test_only_what_is_described_counts_as_a_change() -> None:
    looks = count()
    with pytest.raises(StepFailedError):
        wait_for_change(
            lambda: ("waiting", next(looks)), lambda _: False, "no end",
            describe=lambda seen: seen[0], silence=0.0, pause=0.0,
        )  # fmt: skip
