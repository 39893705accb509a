"""Tables that land by links of their own, in a database of ours; and moving from the one way to the other."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lakeformation.access.access import Access
from lakeformation.access.table_access import TableAccess
from lakeformation.drift.differences import find_unjustified
from lakeformation.planning.changes import Plan
from lakeformation.planning.desired import IntentSpec
from lakeformation.values.permissions import DESCRIBE, DataCatalog, Permission
from lakeformation.values.resource_links import Link, LinkDatabase, LinkNaming, link_database_name, link_name
from tests.lakeformation.simulated_catalog import (
    ACCOUNT_PARTIES,
    BY_TABLE,
    CONSUMER,
    CREATED,
    GOVERNANCE,
    NOW,
    PARTIES,
    ROLE,
    SimulatedCatalog,
    build_access,
    build_database_access,
    build_tag_access,
    build_wish,
)

ELSEWHERE = DataCatalog(CONSUMER.account, "eu-west-1")
LANDING = link_database_name("insurance_gold", GOVERNANCE)
LINK = Link(CONSUMER, "claims", GOVERNANCE, "insurance_gold", LANDING, "claims")
OF_DATABASE = Link(CONSUMER, link_name("insurance_gold", GOVERNANCE), GOVERNANCE, "insurance_gold")
OURS = LinkDatabase(CONSUMER, LANDING, GOVERNANCE, "insurance_gold")
ON_LANDING = Permission(CONSUMER, ROLE, LANDING, "", DESCRIBE)
ON_LINK = Permission(CONSUMER, ROLE, LANDING, "claims", DESCRIBE)


def build_table_access(*columns: str, **changes: Any) -> TableAccess:
    return build_access(*columns, link_naming=BY_TABLE, **changes)


def require_table_access(one: IntentSpec) -> TableAccess:
    assert isinstance(one.access, TableAccess)
    return one.access


def end_wish(one: IntentSpec) -> IntentSpec:
    return replace(one, ended_at=NOW - timedelta(days=1))


def move_wish(one: IntentSpec) -> IntentSpec:
    """To the other way, approved as it landed before."""
    access = require_table_access(one)
    naming = LinkNaming(by_table=not access.link_naming.by_table, is_changing=True)
    return replace(one, access=replace(access, link_naming=naming))


def settle_wish(one: IntentSpec) -> IntentSpec:
    access = require_table_access(one)
    return replace(one, access=replace(access, link_naming=replace(access.link_naming, is_changing=False)))


def list_calls(todo: Plan) -> list[tuple[str, str]]:
    return [(change.action, change.resource) for step in todo.steps for change in step.changes]


def test_a_table_lands_by_a_link_in_a_database_of_ours() -> None:
    world = SimulatedCatalog()
    todo = world.plan([build_wish(1, build_table_access("id"))])
    assert [step.operation for step in todo.steps] == [
        "BatchGrantPermissions", "CreateDatabase", "CreateTable", "BatchGrantPermissions",
    ]  # fmt: skip
    world.apply_plan(todo)
    assert (world.links, world.landing_databases) == ({LINK}, {OURS})
    assert {ON_LANDING, ON_LINK} <= world.held.keys()
    assert not world.plan([build_wish(1, build_table_access("id"))]).affected_intents


def test_the_link_is_in_the_consumers_region_and_leads_into_the_owners() -> None:
    link = build_table_access("id", parties=replace(PARTIES, consumer_catalog=ELSEWHERE)).link
    assert link is not None
    assert (link.catalog.region, link.target_catalog.region) == ("eu-west-1", "eu-central-1")


@pytest.mark.parametrize("database", ["insurance_gold", "insurance_gold_tables", "a_00000000_tables"])
def test_no_link_to_a_database_has_the_name_of_a_landing_database(database: str) -> None:
    assert not link_name(database, GOVERNANCE).endswith("_tables")
    assert link_database_name(database, GOVERNANCE).endswith("_tables")


def test_what_reaches_many_lands_by_a_link_to_its_database() -> None:
    for wide in (build_database_access(), build_tag_access()):
        assert (wide.links, wide.link_database) == ((OF_DATABASE,), None)


def test_an_account_as_a_whole_gets_the_link_and_nothing_on_it() -> None:
    account_grant = build_table_access("id", parties=ACCOUNT_PARTIES)
    assert (account_grant.link, account_grant.link_database, list(account_grant.list_link_permissions())) == (
        LINK,
        OURS,
        [],
    )


def test_the_database_goes_a_round_after_its_last_link() -> None:
    world, one = SimulatedCatalog(), build_wish(1, build_table_access("id"))
    world.converge([one])
    todo = world.plan([end_wish(one)])
    assert ("unlink", f"{LANDING}/claims") in list_calls(todo)
    assert "unland" not in dict(list_calls(todo))
    world.apply_plan(todo)
    last = world.plan([end_wish(one)])
    assert (list_calls(last), last.affected_intents) == ([("unland", LANDING)], {1})
    world.apply_plan(last)
    assert (world.links, world.landing_databases, world.held) == (set(), set(), {})


def test_a_database_in_which_something_foreign_lies_stays() -> None:
    world, one = SimulatedCatalog(), build_wish(1, build_table_access("id"))
    world.converge([one])
    world.foreign.add(f"{LANDING}/notes")
    assert not world.converge([end_wish(one)]).affected_intents
    assert (world.links, world.landing_databases) == (set(), {OURS})


@pytest.mark.parametrize("table", ["", "notes"])
def test_a_database_on_which_somebody_else_holds_something_stays(table: str) -> None:
    world, one = SimulatedCatalog(), build_wish(1, build_table_access("id"))
    world.converge([one])
    stranger = Permission(CONSUMER, "arn:aws:iam::333333333333:role/other", LANDING, table, DESCRIBE)
    world.held[stranger] = world.held[ON_LANDING]
    world.converge([end_wish(one)])
    assert (world.links, world.landing_databases, set(world.held)) == (set(), {OURS}, {stranger})


def test_the_link_stays_while_another_grant_of_the_table_lives() -> None:
    world, one, two = (
        SimulatedCatalog(),
        build_wish(1, build_table_access("id")),
        build_wish(2, build_table_access("amount")),
    )
    world.converge([one, two])
    world.converge([end_wish(one), two])
    assert (world.links, ON_LINK in world.held) == ({LINK}, True)


@pytest.mark.parametrize("taken", [LANDING, f"{LANDING}/claims"])
def test_a_name_that_is_taken_is_held_and_told(taken: str) -> None:
    world = SimulatedCatalog(foreign={taken})
    if taken != LANDING:
        world.landing_databases.add(OURS)
    todo = world.plan([build_wish(1, build_table_access("id"))])
    assert (
        todo.waiting_reasons[1] == f"the link name {taken.replace('/', '.')} is already taken in 333333333333"
    )
    assert not {"land", "link"} & dict(list_calls(todo)).keys()
    assert {resource for _action, resource in list_calls(todo)} == {"insurance_gold", "insurance_gold/claims"}


@pytest.mark.parametrize(
    "before", [build_access("id"), build_table_access("id")], ids=["to tables", "to database"]
)
def test_moving_makes_the_new_names_before_the_old_ones_go(before: Access) -> None:
    world, one = SimulatedCatalog(), build_wish(1, before)
    world.converge([one])
    old, two = frozenset(world.links), move_wish(one)
    first = world.plan([two])
    assert {"unlink", "unland", "revoke"}.isdisjoint(dict(list_calls(first)))
    world.apply_plan(first)
    assert world.links > old
    then = world.plan([two])
    assert {"unlink", "revoke"} <= dict(list_calls(then)).keys()
    world.converge([two])
    fresh = SimulatedCatalog()
    fresh.converge([settle_wish(two)])
    assert (world.links, world.landing_databases, world.held) == (
        fresh.links, fresh.landing_databases, fresh.held,
    )  # fmt: skip


def test_what_moves_keeps_its_old_names_while_the_new_one_is_taken() -> None:
    world, one = SimulatedCatalog(), build_wish(1, build_access("id"))
    world.converge([one])
    world.foreign.add(LANDING)
    todo = world.converge([move_wish(one)])
    assert (set(todo.waiting_reasons), world.links) == ({1}, {OF_DATABASE})
    assert Permission(CONSUMER, ROLE, OF_DATABASE.name, "", DESCRIBE) in world.held


def test_an_old_link_stays_for_the_grant_that_has_not_moved_yet() -> None:
    world, one, other = (
        SimulatedCatalog(),
        build_wish(1, build_access("id")),
        build_wish(2, build_access(table="policies")),
    )
    world.tables["insurance_gold", "policies"] = CREATED
    world.converge([one, other])
    world.converge([move_wish(one), other])
    assert world.links == {OF_DATABASE, LINK}


def test_what_ends_while_it_moves_leaves_neither_landing() -> None:
    world, one = SimulatedCatalog(), build_wish(1, build_access("id"))
    world.converge([one])
    world.apply_plan(world.plan([move_wish(one)]))
    world.converge([end_wish(move_wish(one))])
    assert (world.links, world.landing_databases, world.held) == (set(), set(), {})


def test_what_moved_may_be_described_where_it_lands_now_and_nothing_more() -> None:
    one = move_wish(build_wish(1, build_access("id")))
    assert one.get_approved_columns(ON_LINK)
    assert not one.get_approved_columns(replace(ON_LINK, principal="arn:aws:iam::333333333333:role/other"))
    assert not settle_wish(one).get_approved_columns(ON_LINK)


def test_neither_landing_of_what_moves_is_anybody_elses() -> None:
    world, one = SimulatedCatalog(), build_wish(1, build_access("id"))
    world.converge([one])
    world.apply_plan(world.plan([move_wish(one)]))
    assert find_unjustified(world.held, [move_wish(one)]) == {}
