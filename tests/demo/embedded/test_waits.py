"""What is waited for is seen, or named."""

from itertools import chain, count, repeat

import pytest

from demo.embedded.waits import NotSeenError, wait_for, wait_for_change


def test_the_first_true_answer_is_returned() -> None:
    answers = iter([0, "", None, "here", "later"])
    assert wait_for(lambda: next(answers), 60.0, "nothing came", 0.0) == "here"


def test_what_is_not_seen_is_named_with_its_limit() -> None:
    with pytest.raises(NotSeenError, match="the reading did not end within 0 s"):
        wait_for(lambda: None, 0.0, "the reading did not end", 0.0)


def test_what_changes_is_waited_for() -> None:
    seen = count()
    assert (
        wait_for_change(lambda: next(seen), lambda number: number == 50, "no end", silence=0.0, pause=0.0)
        == 50
    )


def test_what_stays_as_it_was_is_given_up() -> None:
    seen = chain(range(5), repeat(5))
    with pytest.raises(NotSeenError, match="no end, and nothing has changed"):
        wait_for_change(lambda: next(seen), lambda number: number == 6, "no end", silence=0.0, pause=0.0)


def test_only_what_is_described_counts_as_a_change() -> None:
    looks = count()
    with pytest.raises(NotSeenError):
        wait_for_change(
            lambda: ("waiting", next(looks)), lambda _: False, "no end",
            describe=lambda seen: seen[0], silence=0.0, pause=0.0,
        )  # fmt: skip
