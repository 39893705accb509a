"""Data cells filters: made before they are granted, revoked before they are removed, never changed."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from lakeformation.planning.catalog_plan import plan_filters
from lakeformation.values.column_sets import ALL_COLUMNS, ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import Permission
from tests.lakeformation.simulated_catalog import (
    GOVERNANCE,
    NOW,
    ROLE,
    SimulatedCatalog,
    build_access,
    build_wish,
)

RULE, OTHER = "region = 'DE'", "region = 'AT'"
GERMAN = build_access("id", "amount", row_filter=RULE)


def require_filter(one: CellsFilter | None) -> CellsFilter:
    assert one is not None
    return one


FILTER = require_filter(GERMAN.cells_filter)
HELD = Permission(GOVERNANCE, ROLE, "insurance_gold", "claims", "SELECT", cells_filter=FILTER.name)


def test_a_filter_is_named_by_what_it_holds() -> None:
    same = require_filter(build_access("amount", "id", row_filter=RULE).cells_filter)
    others = [
        build_access("id", row_filter=RULE),
        build_access("id", "amount", row_filter=OTHER),
        build_access(row_filter=RULE),
    ]
    assert same == FILTER
    assert len({FILTER.name, *(require_filter(one.cells_filter).name for one in others)}) == 4


def test_nothing_is_granted_before_its_filter_is_there() -> None:
    world = SimulatedCatalog()
    todo = world.plan([build_wish(1, GERMAN)])
    assert not [step for step in todo.steps if step.operation == "BatchGrantPermissions"]
    assert todo.waiting_reasons[1].startswith(
        f"data cells filter {FILTER.name} on insurance_gold.claims is not there"
    )
    world.converge([build_wish(1, GERMAN)])
    assert (world.filters, world.held[HELD]) == ({FILTER.key: FILTER}, ALL_COLUMNS)


def test_it_is_removed_after_its_last_grant_and_not_before() -> None:
    first, second = build_wish(1, GERMAN), build_wish(2, GERMAN)
    world = SimulatedCatalog()
    world.converge([first, second])
    ended = replace(first, ended_at=NOW)
    world.converge([ended, second])
    assert (HELD in world.held, FILTER.key in world.filters) == (True, True)
    world.converge([ended, replace(second, ended_at=NOW)])
    assert (world.held, world.filters) == ({}, {})


def test_a_filter_that_somebody_else_holds_stays() -> None:
    world = SimulatedCatalog()
    world.converge([build_wish(1, GERMAN)])
    theirs = replace(HELD, principal="arn:aws:iam::333333333333:role/other")
    world.held[theirs] = ALL_COLUMNS
    world.converge([build_wish(1, GERMAN, ended_at=NOW)])
    assert (set(world.held), FILTER.key in world.filters) == ({theirs}, True)


def test_a_changed_filter_is_closed_first_and_made_anew() -> None:
    world, grant = SimulatedCatalog(), build_wish(1, GERMAN)
    world.converge([grant])
    world.filters[FILTER.key] = replace(FILTER, rows="")
    todo = world.plan([grant])
    assert [(step.operation, step.changes[0].atom) for step in todo.steps] == [
        ("BatchRevokePermissions", HELD)
    ]
    assert todo.filter_problems == {1: f"data cells filter {FILTER.name} was changed by someone"}
    world.converge([grant])
    assert (world.filters[FILTER.key], world.held[HELD]) == (FILTER, ALL_COLUMNS)


def test_a_deleted_filter_is_made_and_granted_again() -> None:
    world, grant = SimulatedCatalog(), build_wish(1, GERMAN)
    world.converge([grant])
    del world.filters[FILTER.key], world.held[HELD]
    assert "is not there" in world.plan([grant]).filter_problems[1]
    world.converge([grant])
    assert (world.filters[FILTER.key], world.held[HELD]) == (FILTER, ALL_COLUMNS)


def test_a_changed_filter_that_somebody_else_holds_waits_for_a_person() -> None:
    theirs = replace(HELD, principal="arn:aws:iam::333333333333:role/other")
    changed = {FILTER.key: replace(FILTER, rows=OTHER)}
    assert plan_filters([build_wish(1, GERMAN)], changed, {theirs: ALL_COLUMNS}, now=NOW) == []


def test_what_never_was_ours_is_not_removed() -> None:
    never = build_wish(1, GERMAN, ended_at=NOW, was_applied=False)
    assert plan_filters([never], {FILTER.key: FILTER}, {}, now=NOW) == []
    foreign = replace(FILTER, name="theirs")
    assert plan_filters([build_wish(1, GERMAN, ended_at=NOW)], {foreign.key: foreign}, {}, now=NOW) == []


def test_columns_and_filters_of_one_table_end_apart() -> None:
    plain, cells = build_wish(1, build_access("id")), build_wish(2, GERMAN)
    world = SimulatedCatalog()
    world.converge([plain, cells])
    select = replace(HELD, cells_filter="")
    assert (world.held[select], world.held[HELD]) == (ColumnSet.include(["id"]), ALL_COLUMNS)
    world.converge([replace(plain, ended_at=NOW), cells])
    assert (select in world.held, HELD in world.held) == (False, True)


asks = st.tuples(
    st.sampled_from(["", RULE, OTHER]), st.sets(st.sampled_from("abc"), min_size=1), st.integers(1, 4)
)


@settings(max_examples=150, deadline=None)
@given(st.lists(asks, min_size=1, max_size=5))
def test_the_live_grants_alone_decide_which_filters_there_are(asked: list[tuple[str, set[str], int]]) -> None:
    world = SimulatedCatalog()
    for day in range(5):
        wishes = [
            build_wish(
                number, build_access(*columns, row_filter=rule), expires_at=NOW + timedelta(days=lasts)
            )
            for number, (rule, columns, lasts) in enumerate(asked, 1)
        ]
        now = NOW + timedelta(days=day)
        world.converge(wishes, now)
        wanted = {
            require_filter(w.access.cells_filter) for w in wishes if w.is_live(now) and w.access.cells.rows
        }
        assert set(world.filters.values()) == wanted
        assert {p.cells_filter for p in world.held if p.cells_filter} == {one.name for one in wanted}
