"""DESCRIBE without SELECT: never beside a SELECT, which implies it, and there again when the SELECT ends."""

from dataclasses import replace

from lakeformation.planning.desired import build_desired_state
from lakeformation.planning.plan import build_plan, find_interrupted_intents
from lakeformation.values.column_sets import ALL_COLUMNS, ColumnSet
from lakeformation.values.permissions import Permission
from tests.lakeformation.simulated_catalog import (
    GOVERNANCE,
    NOW,
    ROLE,
    SimulatedCatalog,
    build_access,
    build_wish,
)

DESCRIBE = Permission(GOVERNANCE, ROLE, "insurance_gold", "claims", "DESCRIBE")
SELECT = replace(DESCRIBE, verb="SELECT")
SEES = build_wish(1, build_access(metadata_only=True))


def test_it_is_describe_on_the_table_and_nothing_to_read() -> None:
    world = SimulatedCatalog()
    world.converge([SEES])
    assert (DESCRIBE in world.held, SELECT in world.held) == (True, False)
    world.converge([replace(SEES, ended_at=NOW)])
    assert world.held == {}


def test_it_needs_no_registered_location() -> None:
    world = SimulatedCatalog(locations=frozenset())
    assert world.converge([SEES]).waiting_reasons == {}


def test_beside_a_select_it_is_taken_out_and_restored_when_that_ends() -> None:
    for reads in (
        build_wish(2, build_access("id")),
        build_wish(2, build_access("id", row_filter="id = 'x'")),
        build_wish(2, build_access()),
    ):
        world = SimulatedCatalog()
        world.converge([SEES])
        world.converge([SEES, reads])
        assert DESCRIBE not in world.held
        world.converge([SEES, replace(reads, ended_at=NOW)])
        assert DESCRIBE in world.held
        assert not [p for p in world.held if p.verb == "SELECT"]


def test_it_is_not_called_there_before_the_select_is() -> None:
    todo = SimulatedCatalog().plan([SEES, build_wish(2, build_access("id"))])
    assert todo.waiting_reasons[1] == "waits for the SELECT on insurance_gold.claims that gives it"


def test_a_select_of_somebody_else_gives_it_too() -> None:
    world = SimulatedCatalog(held={SELECT: ColumnSet.include(["id"])})
    world.converge([SEES])
    assert DESCRIBE not in world.held
    assert world.held[SELECT] == ColumnSet.include(["id"])
    del world.held[SELECT]
    world.converge([SEES])
    assert world.held[DESCRIBE] == ALL_COLUMNS


def test_it_stays_as_long_as_the_select_has_to_wait() -> None:
    world = SimulatedCatalog()
    world.converge([SEES])
    todo = world.plan([SEES, build_wish(2, build_access("id", row_filter="id = '1'"))])
    assert todo.steps == []
    assert todo.waiting_reasons.keys() == {2}


def test_who_has_nothing_between_the_two_is_named() -> None:
    world, reads = SimulatedCatalog(), build_wish(2, build_access("id"))
    world.converge([SEES])
    seen, goal = world.observe(), build_desired_state([SEES, reads], world.observe(), now=NOW)
    assert find_interrupted_intents(build_plan(goal, seen, [SEES, reads]), goal, seen) == {1}
    world.converge([SEES, reads])
    every = [SEES, reads, build_wish(3, build_access("iban"))]
    seen, goal = world.observe(), build_desired_state(every, world.observe(), now=NOW)
    assert find_interrupted_intents(build_plan(goal, seen, every), goal, seen) == set()
