"""Drift of the links by which granted tables are found, and what is planned against it."""

from dataclasses import replace
from typing import Any

import pytest

from lakeformation.drift import DifferenceKind, find_share_differences
from lakeformation.observation.reading import Observation
from lakeformation.planning.desired import IntentSpec, build_desired_state
from tests.lakeformation.planning.test_table_links import (
    LANDING,
    LINK,
    ON_LINK,
    OURS,
    build_table_access,
    list_calls,
)
from tests.lakeformation.simulated_catalog import (
    CONSUMER,
    NOW,
    SimulatedCatalog,
    build_wish,
)


def list_drift(world: SimulatedCatalog, one: IntentSpec, **changes: Any) -> list[tuple[DifferenceKind, str]]:
    seen: Observation = replace(world.observe(), **changes)
    return [
        (each.kind, each.text)
        for each in find_share_differences([one], build_desired_state([one], seen, now=NOW), seen)
    ]


@pytest.fixture
def standing() -> tuple[SimulatedCatalog, IntentSpec]:
    world, one = SimulatedCatalog(), build_wish(1, build_table_access("id"))
    world.converge([one])
    return world, one


WHERE = f"resource link {LANDING}.claims in 333333333333"


def test_a_link_that_is_dropped_is_told_once(standing: tuple[SimulatedCatalog, IntentSpec]) -> None:
    world, one = standing
    world.links.clear()
    del world.held[ON_LINK]
    assert list_drift(world, one) == [(DifferenceKind.LINK_DROPPED, f"{WHERE} was dropped")]
    world.converge([one])
    assert (world.links, ON_LINK in world.held) == ({LINK}, True)


def test_a_landing_database_that_is_dropped_is_made_again_with_its_links(
    standing: tuple[SimulatedCatalog, IntentSpec],
) -> None:
    world, one = standing
    world.links.clear()
    world.landing_databases.clear()
    world.held = {each: columns for each, columns in world.held.items() if each.catalog != CONSUMER}
    assert list_drift(world, one) == [(DifferenceKind.LINK_DROPPED, f"{WHERE} was dropped")]
    world.converge([one])
    assert (world.links, world.landing_databases) == ({LINK}, {OURS})


def test_a_link_that_leads_elsewhere_is_told_and_left_alone(
    standing: tuple[SimulatedCatalog, IntentSpec],
) -> None:
    world, one = standing
    world.links = {replace(LINK, target_table="policies")}
    text = f"{WHERE} now leads to insurance_gold.policies of 111111111111"
    assert list_drift(world, one) == [(DifferenceKind.LINK_REPOINTED, text)]
    assert "link" not in dict(list_calls(world.converge([one])))


def test_a_table_in_the_links_place_has_taken_its_name(standing: tuple[SimulatedCatalog, IntentSpec]) -> None:
    world, one = standing
    world.links.clear()
    world.foreign.add(f"{LANDING}/claims")
    assert list_drift(world, one)[0][0] is DifferenceKind.LINK_NAME_TAKEN


def test_a_database_without_our_mark_has_taken_the_name(
    standing: tuple[SimulatedCatalog, IntentSpec],
) -> None:
    world, one = standing
    world.links.clear()
    names = frozenset({LANDING})
    assert (
        list_drift(world, one, link_databases=frozenset(), taken_names=names)[0][0]
        is DifferenceKind.LINK_NAME_TAKEN
    )
