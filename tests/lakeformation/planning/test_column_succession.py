"""What access that is over leaves to other access in the pure core: who takes it over."""

from collections.abc import Iterable
from dataclasses import replace

from lakeformation.planning.desired import IntentSpec, build_desired_state, find_successors
from tests.lakeformation.simulated_catalog import NOW, PARTIES, SimulatedCatalog, build_access, build_wish

OTHER_ROLE = "arn:aws:iam::333333333333:role/other"


def build_applied_world(*columns: str) -> SimulatedCatalog:
    world = SimulatedCatalog()
    world.converge([build_wish(1, build_access(*columns))])
    return world


def find_heirs(world: SimulatedCatalog, *others: IntentSpec, over: Iterable[int] = (1,)) -> set[int]:
    wishes = [build_wish(1, build_access("id", "amount"), ended_at=NOW), *others]
    seen = world.observe()
    return find_successors(frozenset(over), build_desired_state(wishes, seen, now=NOW), seen)


def test_who_wants_a_column_that_is_left_takes_it_over() -> None:
    world = build_applied_world("id", "amount")
    assert find_heirs(
        world, build_wish(2, build_access("amount", "city")), build_wish(3, build_access("id"))
    ) == {2, 3}


def test_who_does_not_live_or_is_not_left_anything_takes_nothing_over() -> None:
    world = build_applied_world("id", "amount")
    assert find_heirs(world, build_wish(2, build_access("amount"), ended_at=NOW)) == set()
    assert find_heirs(world, build_wish(2, build_access("amount")), over=()) == set()


def test_what_is_not_held_is_nobodys_to_take_over() -> None:
    assert find_heirs(SimulatedCatalog(), build_wish(2, build_access("amount"))) == set()


def test_a_link_is_taken_over_by_another_role_of_the_account() -> None:
    world = build_applied_world("id", "amount")
    world.principals[OTHER_ROLE] = "AROA2"
    other = build_wish(
        2, build_access("city", parties=replace(PARTIES, principal_arn=OTHER_ROLE, principal_id="AROA2"))
    )
    assert find_heirs(world, other) == {2}
    world.links.clear()
    assert find_heirs(world, other) == set()
