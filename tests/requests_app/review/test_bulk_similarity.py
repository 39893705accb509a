"""Which requests may be decided together: those of which a look at one tells all."""

from dataclasses import replace
from typing import Any

import pytest

from requests_app.review.bulk.similarity import (
    MAX_BULK_ITEMS,
    ItemSimilarity,
    group_similar,
    may_decide_together,
)

PLAIN = ItemSimilarity(
    "columns",
    "public",
    is_outside_organisation=False,
    rules=frozenset(),
)


def test_the_same_twice_is_alike() -> None:
    assert may_decide_together([PLAIN, PLAIN])
    assert may_decide_together([PLAIN])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"effects": "whole"}, "request different things"),
        ({"classification": "sensitive"}, "highest classification"),
        ({"is_outside_organisation": True}, "outside the organisation"),
        ({"rules": frozenset({"a refusal"})}, "Different policy rules"),
        ({"has_widening": True}, "more also becomes visible"),
        ({"offer": 7}, "under different offers"),
    ],
)
def test_one_that_differs_keeps_all_apart_and_says_why(change: dict[str, Any], words: str) -> None:
    verdict = may_decide_together([PLAIN, replace(PLAIN, **change)])
    assert not verdict
    assert words in verdict.reason


def test_a_widened_one_is_never_decided_with_others_nor_nothing_nor_too_many() -> None:
    assert "more also becomes visible" in may_decide_together([replace(PLAIN, has_widening=True)] * 2).reason
    assert "Select something" in may_decide_together([]).reason
    assert may_decide_together([PLAIN] * MAX_BULK_ITEMS)
    assert "together" in may_decide_together([PLAIN] * (MAX_BULK_ITEMS + 1)).reason


def test_what_is_alike_is_one_group_and_the_largest_comes_first() -> None:
    sensitive = replace(PLAIN, classification="sensitive")
    assert group_similar([sensitive, PLAIN, replace(PLAIN), sensitive, PLAIN]) == [[1, 2, 4], [0, 3]]
    assert group_similar([]) == []


def test_each_widened_one_is_a_group_of_its_own() -> None:
    widened = replace(PLAIN, has_widening=True)
    assert group_similar([widened, PLAIN, widened]) == [[0], [1], [2]]
