"""A reading proves only what the plan leaves as it is."""

from dataclasses import replace

from lakeformation.planning.desired import IntentSpec, build_desired_state
from tests.lakeformation.simulated_catalog import NOW, SimulatedCatalog, build_access, build_wish
from workers.engine.proofs import find_proven_presences


def list_presences(world: SimulatedCatalog, wish: IntentSpec) -> dict[int, str]:
    desired = build_desired_state([wish], world.observe(), now=NOW)
    found = find_proven_presences([wish], desired, world.plan([wish]), now=NOW)
    return {intent: presence.value for intent, presence in found.items()}


def test_an_intent_is_present_once_nothing_is_left_to_grant() -> None:
    world, wish = SimulatedCatalog(), build_wish(1, build_access("id"))
    assert list_presences(world, wish) == {}
    world.converge([wish])
    assert list_presences(world, wish) == {1: "present"}


def test_an_ended_intent_is_absent_once_nothing_is_left_to_revoke() -> None:
    world, wish = SimulatedCatalog(), build_wish(1, build_access("id"))
    world.converge([wish])
    ended = replace(wish, ended_at=NOW)
    assert list_presences(world, ended) == {}
    world.converge([ended])
    assert list_presences(world, ended) == {1: "absent"}
