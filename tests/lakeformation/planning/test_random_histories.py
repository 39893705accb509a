"""Random histories of overlapping grants: what is held in the end is what the live grants say."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from lakeformation.planning.desired import IntentSpec
from lakeformation.values.column_sets import NO_COLUMNS, ColumnSet
from lakeformation.values.permissions import Permission
from tests.lakeformation.simulated_catalog import (
    GOVERNANCE,
    NOW,
    ROLE,
    SimulatedCatalog,
    build_access,
    build_wish,
)

SELECT = Permission(GOVERNANCE, ROLE, "insurance_gold", "claims", "SELECT")
columns = st.one_of(st.just(()), st.sets(st.sampled_from("abcde"), min_size=1).map(tuple))
grants = st.tuples(columns, st.integers(1, 5), st.one_of(st.none(), st.integers(0, 5)))
moves = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=6)


@settings(max_examples=300, deadline=None)
@given(st.lists(grants, min_size=1, max_size=5), moves)
def test_the_live_grants_alone_decide_what_is_held(
    asked: list[tuple[tuple[str, ...], int, int | None]], visits: list[tuple[int, bool]]
) -> None:
    world = SimulatedCatalog()
    for day in sorted(day for day, _ in visits):
        now = NOW + timedelta(days=day)
        wishes = [_build_wish(number, *grant, day) for number, grant in enumerate(asked, 1)]
        world.converge(wishes, now)
        live = [c for c in wishes if c.is_live(now)]
        union = NO_COLUMNS
        for one in live:
            union |= one.access.cells.columns
        assert world.held.get(SELECT, NO_COLUMNS) == union
        assert bool(world.links) == bool(live)


def _build_wish(number: int, names: tuple[str, ...], lasts: int, ends: int | None, day: int) -> IntentSpec:
    ended = NOW + timedelta(days=ends) if ends is not None and ends <= day else None
    return build_wish(number, build_access(*names), expires_at=NOW + timedelta(days=lasts), ended_at=ended)


@given(st.sets(st.sampled_from("abcde"), min_size=1), st.sets(st.sampled_from("abcde"), min_size=1))
def test_a_permission_removed_behind_us_is_granted_again_and_no_more(
    granted: set[str], removed: set[str]
) -> None:
    world, grant = SimulatedCatalog(), build_wish(1, build_access(*granted))
    world.converge([grant])
    left = world.held[SELECT] - ColumnSet.include(removed)
    world.held[SELECT] = left
    if not left:
        del world.held[SELECT]
    world.converge([grant])
    assert world.held[SELECT] == ColumnSet.include(granted)
