"""`manage.py chaos --part drift`: changes are dealt so that each class comes, and what reaches all comes alone."""

from collections import Counter

from demo.chaos.behind import KINDS
from demo.chaos.drifts import Deck


def hands(seed: int, count: int) -> list[list[list[str]]]:
    deck = Deck(seed)
    return [[[kind.name for kind in some] for some in deck.deal(6, 3)] for _ in range(count)]


def test_every_class_of_changes_is_dealt() -> None:
    dealt = Counter(name for hand in hands(1, 40) for some in hand for name in some)
    assert set(dealt) == {kind.name for kind in KINDS}


def test_what_reaches_everybody_or_an_account_is_alone_there() -> None:
    reach = {kind.name: kind.reach for kind in KINDS}
    for hand in hands(2, 40):
        every = [name for some in hand for name in some]
        assert every
        assert len(every) == 1 or "all" not in {reach[name] for name in every}
        for some in hand:
            assert len(some) <= 1 or {reach[name] for name in some} == {"one"}


def test_the_one_table_in_hybrid_access_mode_is_used_once_a_hand() -> None:
    for hand in hands(3, 40):
        assert sum(name == "opt in removed" for some in hand for name in some) <= 1


def test_a_seed_deals_the_same_again() -> None:
    assert hands(4, 10) == hands(4, 10)
