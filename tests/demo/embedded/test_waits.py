"""What is waited for is seen, or named."""

import pytest

from demo.embedded.waits import NotSeenError, wait_for


def test_the_first_true_answer_is_returned() -> None:
    answers = iter([0, "", None, "here", "later"])
    assert wait_for(lambda: next(answers), 60.0, "nothing came", 0.0) == "here"


def test_what_is_not_seen_is_named_with_its_limit() -> None:
    with pytest.raises(NotSeenError, match="the reading did not end within 0 s"):
        wait_for(lambda: None, 0.0, "the reading did not end", 0.0)
