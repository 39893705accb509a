"""How much room a limit leaves, and when a tag stands for tables that are held by name."""

import pytest

from lakeformation.effects.quotas import CROSS_ACCOUNT_GRANTS, QuotaLevel, QuotaUsage, TagAdvice, suggest_tag

HELD = [{"domain": "motor", "tier": "gold"}, {"domain": "motor", "tier": "gold"}, {"domain": "motor"}]


@pytest.mark.parametrize(
    ("used", "adds", "room"),
    [(0, 2, QuotaLevel.ENOUGH), (1278, 1, QuotaLevel.ENOUGH), (1278, 2, QuotaLevel.LOW), (1598, 2, QuotaLevel.LOW), (1599, 2, QuotaLevel.EXCEEDED)],
)  # fmt: skip
def test_room_is_told_as_an_approval_would_leave_it(used: int, adds: int, room: QuotaLevel) -> None:
    assert QuotaUsage(CROSS_ACCOUNT_GRANTS, used, adds).level is room


def test_a_tag_that_all_and_only_held_tables_carry_stands_for_them() -> None:
    carried = {("domain", "motor"): 3, ("tier", "gold"): 2}
    assert suggest_tag(HELD, carried) == TagAdvice("domain", "motor", 3)


def test_a_tag_that_would_open_one_table_more_is_no_advice() -> None:
    assert suggest_tag(HELD, {("domain", "motor"): 4}) is None


def test_few_tables_are_no_reason_for_tags() -> None:
    assert suggest_tag(HELD, {("tier", "gold"): 2}) is None
