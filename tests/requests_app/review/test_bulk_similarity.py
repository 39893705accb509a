"""Which asks may be decided with one word: those of which one look at one tells all."""

from dataclasses import replace
from typing import Any

import pytest

from requests_app.review.bulk.similarity import MOST, Likeness, judged_alike

PLAIN = Likeness("columns", "public", outside=False, rules=frozenset(), steps=frozenset({"GrantPermissions"}))


def test_the_same_twice_is_alike() -> None:
    assert judged_alike([PLAIN, PLAIN])
    assert judged_alike([PLAIN])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"effects": "whole"}, "ask for different things"),
        ({"classification": "sensitive"}, "highest class"),
        ({"outside": True}, "outside the organisation"),
        ({"rules": frozenset({"a refusal"})}, "Different rules"),
        ({"steps": frozenset({"CreateDatabase"})}, "different kinds of steps"),
        ({"widens": True}, "a yes of its own"),
        ({"offer": 7}, "under different offers"),
    ],
)
def test_one_that_differs_keeps_all_apart_and_says_why(change: dict[str, Any], words: str) -> None:
    verdict = judged_alike([PLAIN, replace(PLAIN, **change)])
    assert not verdict
    assert words in verdict.reason


def test_a_widened_one_is_never_decided_with_others_nor_nothing_nor_too_many() -> None:
    assert "a yes of its own" in judged_alike([replace(PLAIN, widens=True)] * 2).reason
    assert "Choose something" in judged_alike([]).reason
    assert judged_alike([PLAIN] * MOST)
    assert "at most together" in judged_alike([PLAIN] * (MOST + 1)).reason
