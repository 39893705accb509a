"""Which asks may be decided with one word: those of which one look at one tells all."""

from dataclasses import replace
from typing import Any

import pytest

from requests_app.review.bulk.similarity import MAX_BULK_ITEMS, ItemSimilarity, judge_similarity

PLAIN = ItemSimilarity(
    "columns", "public", outside=False, rules=frozenset(), steps=frozenset({"GrantPermissions"})
)


def test_the_same_twice_is_alike() -> None:
    assert judge_similarity([PLAIN, PLAIN])
    assert judge_similarity([PLAIN])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"effects": "whole"}, "request different things"),
        ({"classification": "sensitive"}, "highest classification"),
        ({"outside": True}, "outside the organisation"),
        ({"rules": frozenset({"a refusal"})}, "Different policy rules"),
        ({"steps": frozenset({"CreateDatabase"})}, "different kinds of steps"),
        ({"widens": True}, "more also becomes visible"),
        ({"offer": 7}, "under different offers"),
    ],
)
def test_one_that_differs_keeps_all_apart_and_says_why(change: dict[str, Any], words: str) -> None:
    verdict = judge_similarity([PLAIN, replace(PLAIN, **change)])
    assert not verdict
    assert words in verdict.reason


def test_a_widened_one_is_never_decided_with_others_nor_nothing_nor_too_many() -> None:
    assert "more also becomes visible" in judge_similarity([replace(PLAIN, widens=True)] * 2).reason
    assert "Select something" in judge_similarity([]).reason
    assert judge_similarity([PLAIN] * MAX_BULK_ITEMS)
    assert "together" in judge_similarity([PLAIN] * (MAX_BULK_ITEMS + 1)).reason
