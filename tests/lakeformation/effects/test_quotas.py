"""How much room a limit leaves, and when a tag stands for tables that are held by name."""

import pytest

from lakeformation.effects.quotas import GRANTS_ABROAD, Count, Room, TagAdvice, advice

HELD = [{"domain": "motor", "tier": "gold"}, {"domain": "motor", "tier": "gold"}, {"domain": "motor"}]


@pytest.mark.parametrize(
    ("used", "adds", "room"),
    [(0, 2, Room.ENOUGH), (1278, 1, Room.ENOUGH), (1278, 2, Room.LITTLE), (1598, 2, Room.LITTLE), (1599, 2, Room.NONE)],
)  # fmt: skip
def test_room_is_told_as_an_approval_would_leave_it(used: int, adds: int, room: Room) -> None:
    assert Count(GRANTS_ABROAD, used, adds).room is room


def test_a_tag_that_all_and_only_held_tables_carry_stands_for_them() -> None:
    carried = {("domain", "motor"): 3, ("tier", "gold"): 2}
    assert advice(HELD, carried) == TagAdvice("domain", "motor", 3)


def test_a_tag_that_would_open_one_table_more_is_no_advice() -> None:
    assert advice(HELD, {("domain", "motor"): 4}) is None


def test_few_tables_are_no_reason_for_tags() -> None:
    assert advice(HELD, {("tier", "gold"): 2}) is None
