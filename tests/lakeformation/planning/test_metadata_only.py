"""DESCRIBE without SELECT: never beside a SELECT, which implies it, and there again when the SELECT ends."""

from dataclasses import replace

from lakeformation.planning.desired import desired
from lakeformation.planning.plan import plan, replaced
from lakeformation.values.column_sets import EVERY, ColumnSet
from lakeformation.values.permissions import Permission
from tests.lakeformation.mesh import GOVERNANCE, NOW, ROLE, World, access, wish

DESCRIBE = Permission(GOVERNANCE, ROLE, "insurance_gold", "claims", "DESCRIBE")
SELECT = replace(DESCRIBE, verb="SELECT")
SEES = wish(1, access(metadata_only=True))


def test_it_is_describe_on_the_table_and_nothing_to_read() -> None:
    world = World()
    world.converge([SEES])
    assert (DESCRIBE in world.held, SELECT in world.held) == (True, False)
    world.converge([replace(SEES, ended_at=NOW)])
    assert world.held == {}


def test_it_needs_no_registered_location() -> None:
    world = World(locations=frozenset())
    assert world.converge([SEES]).waiting == {}


def test_beside_a_select_it_is_taken_out_and_restored_when_that_ends() -> None:
    for reads in (wish(2, access("id")), wish(2, access("id", row_rule="id = 'x'")), wish(2, access())):
        world = World()
        world.converge([SEES])
        world.converge([SEES, reads])
        assert DESCRIBE not in world.held
        world.converge([SEES, replace(reads, ended_at=NOW)])
        assert DESCRIBE in world.held
        assert not [p for p in world.held if p.verb == "SELECT"]


def test_it_is_not_called_there_before_the_select_is() -> None:
    todo = World().plan([SEES, wish(2, access("id"))])
    assert todo.waiting[1] == "waits for the SELECT on insurance_gold.claims that gives it"


def test_a_select_of_somebody_else_gives_it_too() -> None:
    world = World(held={SELECT: ColumnSet.include(["id"])})
    world.converge([SEES])
    assert DESCRIBE not in world.held
    assert world.held[SELECT] == ColumnSet.include(["id"])
    del world.held[SELECT]
    world.converge([SEES])
    assert world.held[DESCRIBE] == EVERY


def test_it_stays_as_long_as_the_select_has_to_wait() -> None:
    world = World()
    world.converge([SEES])
    todo = world.plan([SEES, wish(2, access("id", row_rule="id = '1'"))])
    assert todo.steps == []
    assert todo.waiting.keys() == {2}


def test_who_has_nothing_between_the_two_is_named() -> None:
    world, reads = World(), wish(2, access("id"))
    world.converge([SEES])
    seen, goal = world.observe(), desired([SEES, reads], world.observe(), now=NOW)
    assert replaced(plan(goal, seen, [SEES, reads]), goal, seen) == {1}
    world.converge([SEES, reads])
    every = [SEES, reads, wish(3, access("iban"))]
    seen, goal = world.observe(), desired(every, world.observe(), now=NOW)
    assert replaced(plan(goal, seen, every), goal, seen) == set()
