"""Tables that land by links of their own, in a database of ours; and moving from the one way to the other."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lakeformation.access.access import Access, Inside
from lakeformation.access.link_naming import landing_name, link_name
from lakeformation.drift.differences import Kind, of_share, unjustified
from lakeformation.observation.reading import Observation
from lakeformation.planning.changes import Plan
from lakeformation.planning.desired import Wish, desired
from lakeformation.values.permissions import DESCRIBE, Permission
from lakeformation.values.resource_links import LandingDatabase, Link
from tests.lakeformation.mesh import CONSUMER, GOVERNANCE, NOW, ROLE, World, access, wish

LANDING = landing_name("insurance_gold", GOVERNANCE)
LINK = Link(CONSUMER, "claims", GOVERNANCE, "insurance_gold", LANDING, "claims")
OF_DATABASE = Link(CONSUMER, link_name("insurance_gold", GOVERNANCE), GOVERNANCE, "insurance_gold")
OURS = LandingDatabase(CONSUMER, LANDING, GOVERNANCE, "insurance_gold")
ON_LANDING = Permission(CONSUMER, ROLE, LANDING, "", DESCRIBE)
ON_LINK = Permission(CONSUMER, ROLE, LANDING, "claims", DESCRIBE)


def by_table(*columns: str, **changes: Any) -> Access:
    return access(*columns, by_table=True, **changes)


def ended(one: Wish) -> Wish:
    return replace(one, ended_at=NOW - timedelta(days=1))


def moved(one: Wish) -> Wish:
    """To the other way, approved as it landed before."""
    return replace(one, access=replace(one.access, by_table=not one.access.by_table, moved=True))


def settled(one: Wish) -> Wish:
    return replace(one, access=replace(one.access, moved=False))


def calls(todo: Plan) -> list[tuple[str, str]]:
    return [(change.action, change.resource) for step in todo.steps for change in step.changes]


def test_a_table_lands_by_a_link_in_a_database_of_ours() -> None:
    world = World()
    todo = world.plan([wish(1, by_table("id"))])
    assert [step.operation for step in todo.steps] == [
        "BatchGrantPermissions", "CreateDatabase", "CreateTable", "BatchGrantPermissions",
    ]  # fmt: skip
    world.obey(todo)
    assert (world.links, world.landing_databases) == ({LINK}, {OURS})
    assert {ON_LANDING, ON_LINK} <= world.held.keys()
    assert not world.plan([wish(1, by_table("id"))]).touched


def test_the_link_is_in_the_consumers_region_and_leads_into_the_owners() -> None:
    link = by_table("id", consumer_region="eu-west-1").link
    assert link is not None
    assert (link.place.region, link.target.region) == ("eu-west-1", "eu-central-1")


@pytest.mark.parametrize("database", ["insurance_gold", "insurance_gold_tables", "a_00000000_tables"])
def test_no_link_to_a_database_has_the_name_of_a_landing_database(database: str) -> None:
    assert not link_name(database, GOVERNANCE).endswith("_tables")
    assert landing_name(database, GOVERNANCE).endswith("_tables")


def test_what_reaches_many_lands_by_a_link_to_its_database() -> None:
    whole = by_table(table="*", inside=Inside(("claims",), ()))
    assert (whole.links, whole.landing_database) == ((OF_DATABASE,), None)


def test_an_account_as_a_whole_gets_the_link_and_nothing_on_it() -> None:
    envelope = by_table("id", principal_arn="333333333333", principal_id="333333333333")
    assert (envelope.link, envelope.landing_database, list(envelope.on_landing())) == (LINK, OURS, [])


def test_the_database_goes_a_round_after_its_last_link() -> None:
    world, one = World(), wish(1, by_table("id"))
    world.converge([one])
    todo = world.plan([ended(one)])
    assert ("unlink", f"{LANDING}/claims") in calls(todo)
    assert "unland" not in dict(calls(todo))
    world.obey(todo)
    last = world.plan([ended(one)])
    assert (calls(last), last.touched) == ([("unland", LANDING)], {1})
    world.obey(last)
    assert (world.links, world.landing_databases, world.held) == (set(), set(), {})


def test_a_database_in_which_something_foreign_lies_stays() -> None:
    world, one = World(), wish(1, by_table("id"))
    world.converge([one])
    world.foreign.add(f"{LANDING}/notes")
    assert not world.converge([ended(one)]).touched
    assert (world.links, world.landing_databases) == (set(), {OURS})


def test_a_database_on_which_somebody_else_holds_something_stays() -> None:
    world, one = World(), wish(1, by_table("id"))
    world.converge([one])
    stranger = Permission(CONSUMER, "arn:aws:iam::333333333333:role/other", LANDING, "", DESCRIBE)
    world.held[stranger] = world.held[ON_LANDING]
    world.converge([ended(one)])
    assert (world.links, world.landing_databases, set(world.held)) == (set(), {OURS}, {stranger})


def test_the_link_stays_while_another_grant_of_the_table_lives() -> None:
    world, one, two = World(), wish(1, by_table("id")), wish(2, by_table("amount"))
    world.converge([one, two])
    world.converge([ended(one), two])
    assert (world.links, ON_LINK in world.held) == ({LINK}, True)


@pytest.mark.parametrize("taken", [LANDING, f"{LANDING}/claims"])
def test_a_name_that_is_taken_is_held_and_told(taken: str) -> None:
    world = World(foreign={taken})
    if taken != LANDING:
        world.landing_databases.add(OURS)
    todo = world.plan([wish(1, by_table("id"))])
    assert todo.waiting[1] == f"the name {taken.replace('/', '.')} is already taken in 333333333333"
    assert not {"land", "link"} & dict(calls(todo)).keys()
    assert {resource for _action, resource in calls(todo)} == {"insurance_gold", "insurance_gold/claims"}


@pytest.mark.parametrize("before", [access("id"), by_table("id")], ids=["to tables", "to database"])
def test_moving_makes_the_new_names_before_the_old_ones_go(before: Access) -> None:
    world, one = World(), wish(1, before)
    world.converge([one])
    old, two = frozenset(world.links), moved(one)
    first = world.plan([two])
    assert {"unlink", "unland", "revoke"}.isdisjoint(dict(calls(first)))
    world.obey(first)
    assert world.links > old
    then = world.plan([two])
    assert {"unlink", "revoke"} <= dict(calls(then)).keys()
    world.converge([two])
    fresh = World()
    fresh.converge([settled(two)])
    assert (world.links, world.landing_databases, world.held) == (
        fresh.links, fresh.landing_databases, fresh.held,
    )  # fmt: skip


def test_what_moves_keeps_its_old_names_while_the_new_one_is_taken() -> None:
    world, one = World(), wish(1, access("id"))
    world.converge([one])
    world.foreign.add(LANDING)
    todo = world.converge([moved(one)])
    assert (set(todo.waiting), world.links) == ({1}, {OF_DATABASE})
    assert Permission(CONSUMER, ROLE, OF_DATABASE.name, "", DESCRIBE) in world.held


def test_an_old_link_stays_for_the_grant_that_has_not_moved_yet() -> None:
    world, one, other = World(), wish(1, access("id")), wish(2, access(table="policies"))
    world.tables["insurance_gold", "policies"] = other.access.table_created
    world.converge([one, other])
    world.converge([moved(one), other])
    assert world.links == {OF_DATABASE, LINK}


def test_what_ends_while_it_moves_leaves_neither_landing() -> None:
    world, one = World(), wish(1, access("id"))
    world.converge([one])
    world.obey(world.plan([moved(one)]))
    world.converge([ended(moved(one))])
    assert (world.links, world.landing_databases, world.held) == (set(), set(), {})


def test_what_moved_may_be_described_where_it_lands_now_and_nothing_more() -> None:
    one = moved(wish(1, access("id")))
    assert one.approved_columns(ON_LINK)
    assert not one.approved_columns(replace(ON_LINK, principal="arn:aws:iam::333333333333:role/other"))
    assert not settled(one).approved_columns(ON_LINK)


def test_neither_landing_of_what_moves_is_anybody_elses() -> None:
    world, one = World(), wish(1, access("id"))
    world.converge([one])
    world.obey(world.plan([moved(one)]))
    assert unjustified(world.held, [moved(one)]) == {}


def found(world: World, one: Wish, **changes: Any) -> list[tuple[Kind, str]]:
    seen: Observation = replace(world.observe(), **changes)
    return [(each.kind, each.text) for each in of_share([one], desired([one], seen, now=NOW), seen)]


@pytest.fixture
def standing() -> tuple[World, Wish]:
    world, one = World(), wish(1, by_table("id"))
    world.converge([one])
    return world, one


WHERE = f"resource link {LANDING}.claims in 333333333333"


def test_a_link_that_is_dropped_is_told_once(standing: tuple[World, Wish]) -> None:
    world, one = standing
    world.links.clear()
    del world.held[ON_LINK]
    assert found(world, one) == [(Kind.LINK_DROPPED, f"{WHERE} was dropped")]
    world.converge([one])
    assert (world.links, ON_LINK in world.held) == ({LINK}, True)


def test_a_landing_database_that_is_dropped_is_made_again_with_its_links(
    standing: tuple[World, Wish],
) -> None:
    world, one = standing
    world.links.clear()
    world.landing_databases.clear()
    world.held = {each: columns for each, columns in world.held.items() if each.place != CONSUMER}
    assert found(world, one) == [(Kind.LINK_DROPPED, f"{WHERE} was dropped")]
    world.converge([one])
    assert (world.links, world.landing_databases) == ({LINK}, {OURS})


def test_a_link_that_leads_elsewhere_is_told_and_left_alone(standing: tuple[World, Wish]) -> None:
    world, one = standing
    world.links = {replace(LINK, target_table="policies")}
    text = f"{WHERE} now leads to insurance_gold.policies of 111111111111"
    assert found(world, one) == [(Kind.LINK_REPOINTED, text)]
    assert "link" not in dict(calls(world.converge([one])))


def test_a_table_in_the_links_place_has_taken_its_name(standing: tuple[World, Wish]) -> None:
    world, one = standing
    world.links.clear()
    world.foreign.add(f"{LANDING}/claims")
    assert found(world, one)[0][0] is Kind.LINK_NAME_TAKEN


def test_a_database_without_our_mark_has_taken_the_name(standing: tuple[World, Wish]) -> None:
    world, one = standing
    world.links.clear()
    names = frozenset({LANDING})
    assert found(world, one, landing_databases=frozenset(), link_names=names)[0][0] is Kind.LINK_NAME_TAKEN
