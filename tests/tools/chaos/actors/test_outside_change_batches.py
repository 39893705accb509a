"""`manage.py chaos --part drift`: changes are dealt so that each class comes, and none hides another."""

from collections import Counter
from itertools import product

import pytest

from catalog.mirror.models import Database, Table
from identity.accounts import Principal
from requests_app.grants.models import Grant
from tools.chaos.actors.grant_holders import MAX_ROW_FILTERS, may_have_row_filter
from tools.chaos.actors.outside_changes import (
    CATALOG_CHANGE,
    CATALOG_CHANGE_INTERVAL,
    CHANGE_KINDS,
    ENDING_KINDS,
    HOLDER_CHANGES,
    HYBRID_TABLE,
    MANY_CHANGES,
    SHARED_CHANGES,
    BatchPlanner,
    ChangeKind,
    ClaimedResources,
    GrantHolder,
    PlannedChange,
)

TABLES = [HYBRID_TABLE, *product("abcdefgh", ("x", "y"))]


def build_holder(role: int, name: tuple[str, str], *, is_ruled: bool = False) -> GrantHolder:
    """Of three roles in each account; those of the first one find each table behind a link of its own."""
    principal = Principal(arn=f"role-{role}", account_id=role // 3)
    table = Table(name=name[1], database=Database(name=name[0], catalog_id=1))
    ruled = is_ruled and name != HYBRID_TABLE
    return GrantHolder(principal, table, Grant(), ["x", "y"], ["z"], ruled, uses_table_link=role // 3 == 0)


HOLDERS = [
    build_holder(role, name, is_ruled=(role + number) % 3 == 0)
    for role in range(12)
    for number, name in enumerate(TABLES)
]


def plan_batches(
    seed: int, count: int = 2 * CATALOG_CHANGE_INTERVAL, most: int = 60
) -> list[list[PlannedChange]]:
    deck = BatchPlanner(seed)
    return [deck.plan_batch(HOLDERS, most) for _ in range(count)]


def test_every_class_of_changes_is_dealt_and_most_of_those_that_concern_one_holder() -> None:
    dealt = Counter(kind.name for hand in plan_batches(1) for kind, _ in hand)
    assert len(CHANGE_KINDS) == 18
    assert set(dealt) == {kind.name for kind in CHANGE_KINDS}
    assert min(dealt[kind.name] for kind in HOLDER_CHANGES) >= max(
        dealt[kind.name] for kind in SHARED_CHANGES
    )


@pytest.mark.parametrize("seed", range(20))
def test_two_hands_have_every_class(seed: int) -> None:
    assert {kind.name for hand in plan_batches(seed, 2) for kind, _ in hand} == {
        kind.name for kind in CHANGE_KINDS
    }


def test_what_concerns_everybody_is_alone_in_its_hand() -> None:
    for number, hand in enumerate(plan_batches(2)):
        assert (number % CATALOG_CHANGE_INTERVAL == 0) == (CATALOG_CHANGE in {kind for kind, _ in hand})
        assert len(hand) == 1 or CATALOG_CHANGE not in {kind for kind, _ in hand}


def test_nobody_else_is_concerned_by_what_a_change_has_for_itself() -> None:
    for hand in plan_batches(3):
        for kind, one in hand:
            thing = one.resources.get(kind.exclusive_resource)
            others = [other for _, other in hand if other is not one]
            assert thing not in [other.resources.get(kind.exclusive_resource) for other in others]


def test_a_hand_has_so_many_changes_at_most_each_for_another_holder() -> None:
    for hand in plan_batches(4, most=20):
        chosen = [id(one) for _, one in hand]
        assert len(chosen) == len(set(chosen)) <= 20


def test_a_class_is_dealt_to_those_alone_who_hold_what_it_changes() -> None:
    assert all(kind.grant_kind in {"", one.grant_kind} for hand in plan_batches(5) for kind, one in hand)


@pytest.mark.parametrize("kind", [kind for kind in HOLDER_CHANGES if kind.once_per_table])
def test_what_is_done_on_a_table_once_is_not_done_for_the_next_role(kind: ChangeKind) -> None:
    taken = ClaimedResources()
    assert taken.claim(kind, build_holder(0, TABLES[1]))
    assert not taken.claim(kind, build_holder(1, TABLES[1]))
    assert taken.claim(kind, build_holder(1, TABLES[2]))


def test_a_seed_deals_the_same_again() -> None:
    assert plan_batches(6) == plan_batches(6)


def test_while_many_are_to_come_a_hand_ends_grants_in_one_way_and_each_way_has_its_turn() -> None:
    ended = [
        [kind.name for kind, _ in hand if kind.ends_grant]
        for hand in plan_batches(7, 3 * CATALOG_CHANGE_INTERVAL, most=MANY_CHANGES)
        if len(hand) > 1
    ]
    assert [len(names) for names in ended] == [1] * len(ended)
    assert set(Counter(name for names in ended for name in names).values()) == {
        len(ended) // len(ENDING_KINDS)
    }


def test_a_last_hand_ends_grants_in_every_way() -> None:
    assert {kind for kind, _ in plan_batches(7, 2, most=MANY_CHANGES - 1)[1] if kind.ends_grant} == set(
        ENDING_KINDS
    )


def test_few_share_the_filter_of_a_table() -> None:
    ruled = [build_holder(role, TABLES[1], is_ruled=True) for role in range(MAX_ROW_FILTERS)]
    assert not may_have_row_filter(TABLES[1], ruled)
    assert may_have_row_filter(
        TABLES[1], [*ruled[1:], build_holder(5, TABLES[1]), build_holder(6, TABLES[2], is_ruled=True)]
    )
    assert not may_have_row_filter(HYBRID_TABLE, [])
