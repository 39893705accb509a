"""Beside a row that cannot be judged nothing is proven to be gone, and everything else goes on."""

from dataclasses import replace

from lakeformation.drift.differences import DifferenceKind, find_unknown_differences
from lakeformation.observation.unknown_rows import UnknownRow
from lakeformation.planning.changes import Plan
from lakeformation.planning.desired import IntentSpec, build_desired_state
from lakeformation.planning.plan import build_plan, get_undelivered_reason
from tests.lakeformation.simulated_catalog import (
    CONSUMER,
    GOVERNANCE,
    NOW,
    ROLE,
    SimulatedCatalog,
    build_access,
    build_wish,
)

ROW = UnknownRow(GOVERNANCE, ROLE, "AnyResource", ("SELECT",), "TABLE")
REASON = "AWS holds a permission that this version cannot judge: bi holds SELECT on AnyResource TABLE"


def plan_beside(row: UnknownRow, world: SimulatedCatalog, wish: IntentSpec) -> Plan:
    seen = replace(world.observe(), unknown_rows=frozenset({row}))
    return build_plan(build_desired_state([wish], seen, now=NOW), seen, [wish])


def test_an_ended_intent_is_removed_but_waits_for_its_proof() -> None:
    world, wish = SimulatedCatalog(), build_wish(1, build_access("id"))
    world.converge([wish])
    ended = replace(wish, ended_at=NOW)
    plan = plan_beside(ROW, world, ended)
    assert {change.action for step in plan.steps for change in step.changes} >= {"revoke"}
    world.converge([ended])
    assert plan_beside(ROW, world, ended).waiting_reasons == {1: REASON}
    assert plan_beside(replace(ROW, principal=f"{ROLE}-other"), world, ended).waiting_reasons == {}
    assert plan_beside(replace(ROW, gives_access=False), world, ended).waiting_reasons == {}


def test_a_live_intent_does_not_wait() -> None:
    world, wish = SimulatedCatalog(), build_wish(1, build_access("id"))
    world.converge([wish])
    assert plan_beside(ROW, world, wish).affected_intents == set()


def test_a_share_with_an_unknown_status_is_not_gone() -> None:
    world, wish = SimulatedCatalog(), build_wish(1, build_access("id"))
    world.converge([wish])
    world.received = world.sent = frozenset()
    lost = world.observe()
    unknown = replace(lost, has_unknown_share=True, stopped_shares={"arn:x:resource-share/1": "MELTED"})
    desired = build_desired_state([wish], unknown, now=NOW)
    (share,) = desired.wanted.shares
    assert lost.list_unshared(wish.access) != []
    assert unknown.list_unshared(wish.access) == []
    plan = build_plan(desired, unknown, [wish])
    assert [change.action for step in plan.steps for change in step.changes] == []
    assert "MELTED" in get_undelivered_reason(share, desired, unknown)


def test_a_row_is_one_finding_for_its_principal_kind_and_verbs() -> None:
    other = replace(ROW, catalog=CONSUMER)
    found = list(find_unknown_differences([ROW, ROW, other]))
    assert [one.kind for one in found] == [DifferenceKind.UNKNOWN_PERMISSION] * 2
    assert {(one.principal, one.text) for one in found} == {(ROLE, "bi holds SELECT on AnyResource TABLE")}
    assert len({one.key for one in found}) == 2
