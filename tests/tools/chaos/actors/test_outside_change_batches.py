"""`manage.py chaos --part drift`: changes are dealt so that each class comes, and none hides another."""

from collections import Counter
from itertools import product

import pytest

from catalog.mirror.models import Database, Table
from identity.accounts.models import Principal
from requests_app.grants.models import Grant
from tools.chaos.actors.outside_change_batches import ENDING, EVERYWHERE_EVERY, MANY, Card, Deck, Taken
from tools.chaos.actors.outside_changes import EVERYWHERE, HYBRID, KINDS, NARROW, WIDE, Holder, Kind
from tools.chaos.actors.standing_grants import MOST_RULED, may_be_ruled

TABLES = [HYBRID, *product("abcdefgh", ("x", "y"))]


def holder(role: int, name: tuple[str, str], *, is_ruled: bool = False) -> Holder:
    """Of three roles in each account; those of the first one find each table behind a link of its own."""
    principal = Principal(arn=f"role-{role}", account_id=role // 3)
    table = Table(name=name[1], database=Database(name=name[0], catalog_id=1))
    ruled = is_ruled and name != HYBRID
    return Holder(principal, table, Grant(), ["x", "y"], ["z"], ruled, by_table=role // 3 == 0)


HOLDERS = [
    holder(role, name, is_ruled=(role + number) % 3 == 0)
    for role in range(12)
    for number, name in enumerate(TABLES)
]


def hands(seed: int, count: int = 2 * EVERYWHERE_EVERY, most: int = 60) -> list[list[Card]]:
    deck = Deck(seed)
    return [deck.deal(HOLDERS, most) for _ in range(count)]


def test_every_class_of_changes_is_dealt_and_most_of_those_that_concern_one_holder() -> None:
    dealt = Counter(kind.name for hand in hands(1) for kind, _ in hand)
    assert len(KINDS) == 17
    assert set(dealt) == {kind.name for kind in KINDS}
    assert min(dealt[kind.name] for kind in NARROW) >= max(dealt[kind.name] for kind in WIDE)


@pytest.mark.parametrize("seed", range(20))
def test_two_hands_have_every_class(seed: int) -> None:
    assert {kind.name for hand in hands(seed, 2) for kind, _ in hand} == {kind.name for kind in KINDS}


def test_what_concerns_everybody_is_alone_in_its_hand() -> None:
    for number, hand in enumerate(hands(2)):
        assert (number % EVERYWHERE_EVERY == 0) == (EVERYWHERE in {kind for kind, _ in hand})
        assert len(hand) == 1 or EVERYWHERE not in {kind for kind, _ in hand}


def test_nobody_else_is_concerned_by_what_a_change_has_for_itself() -> None:
    for hand in hands(3):
        for kind, one in hand:
            thing = one.keys.get(kind.alone)
            others = [other for _, other in hand if other is not one]
            assert thing not in [other.keys.get(kind.alone) for other in others]


def test_a_hand_has_so_many_changes_at_most_each_for_another_holder() -> None:
    for hand in hands(4, most=20):
        chosen = [id(one) for _, one in hand]
        assert len(chosen) == len(set(chosen)) <= 20


def test_a_class_is_dealt_to_those_alone_who_hold_what_it_changes() -> None:
    assert all(kind.on in {"", one.on} for hand in hands(5) for kind, one in hand)


@pytest.mark.parametrize("kind", [kind for kind in NARROW if kind.once])
def test_what_is_done_on_a_table_once_is_not_done_for_the_next_role(kind: Kind) -> None:
    taken = Taken()
    assert taken.take(kind, holder(0, TABLES[1]))
    assert not taken.take(kind, holder(1, TABLES[1]))
    assert taken.take(kind, holder(1, TABLES[2]))


def test_a_seed_deals_the_same_again() -> None:
    assert hands(6) == hands(6)


def test_while_many_are_to_come_a_hand_ends_grants_in_one_way_and_each_way_has_its_turn() -> None:
    ended = [
        [kind.name for kind, _ in hand if kind.ends]
        for hand in hands(7, 3 * EVERYWHERE_EVERY, most=MANY)
        if len(hand) > 1
    ]
    assert [len(names) for names in ended] == [1] * len(ended)
    assert set(Counter(name for names in ended for name in names).values()) == {len(ended) // len(ENDING)}


def test_a_last_hand_ends_grants_in_every_way() -> None:
    assert {kind for kind, _ in hands(7, 2, most=MANY - 1)[1] if kind.ends} == set(ENDING)


def test_few_share_the_filter_of_a_table() -> None:
    ruled = [holder(role, TABLES[1], is_ruled=True) for role in range(MOST_RULED)]
    assert not may_be_ruled(TABLES[1], ruled)
    assert may_be_ruled(TABLES[1], [*ruled[1:], holder(5, TABLES[1]), holder(6, TABLES[2], is_ruled=True)])
    assert not may_be_ruled(HYBRID, [])
