"""What access that is over leaves to other access in the pure core: who takes it over."""

from collections.abc import Iterable

from lakeformation.planning.column_succession import heirs
from lakeformation.planning.desired import Wish, desired
from tests.lakeformation.mesh import NOW, World, access, wish

OTHER_ROLE = "arn:aws:iam::333333333333:role/other"


def applied(*columns: str) -> World:
    world = World()
    world.converge([wish(1, access(*columns))])
    return world


def after_the_first(world: World, *others: Wish, over: Iterable[int] = (1,)) -> set[int]:
    wishes = [wish(1, access("id", "amount"), ended_at=NOW), *others]
    seen = world.observe()
    return heirs(frozenset(over), desired(wishes, seen, now=NOW), seen)


def test_who_wants_a_column_that_is_left_takes_it_over() -> None:
    world = applied("id", "amount")
    assert after_the_first(world, wish(2, access("amount", "city")), wish(3, access("id"))) == {2, 3}


def test_who_does_not_live_or_is_not_left_anything_takes_nothing_over() -> None:
    world = applied("id", "amount")
    assert after_the_first(world, wish(2, access("amount"), ended_at=NOW)) == set()
    assert after_the_first(world, wish(2, access("amount")), over=()) == set()


def test_what_is_not_held_is_nobodys_to_take_over() -> None:
    assert after_the_first(World(), wish(2, access("amount"))) == set()


def test_a_link_is_taken_over_by_another_role_of_the_account() -> None:
    world = applied("id", "amount")
    world.principals[OTHER_ROLE] = "AROA2"
    other = wish(2, access("city", principal_arn=OTHER_ROLE, principal_id="AROA2"))
    assert after_the_first(world, other) == {2}
    world.links.clear()
    assert after_the_first(world, other) == set()
