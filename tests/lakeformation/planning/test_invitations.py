"""An invitation that nobody can accept any more is replaced by another one, and only where that harms nobody."""

from dataclasses import replace

import pytest

from lakeformation.observation.reading import Invitation, InvitationState
from lakeformation.planning.changes import Plan
from lakeformation.planning.desired import IntentSpec
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

SHARE = "arn:aws:ram:eu-central-1:111111111111:resource-share/1"
OTHER = "arn:aws:ram:eu-central-1:111111111111:resource-share/2"
PENDING = Invitation("arn:invitation/1", SHARE, "111111111111")
OVER = replace(PENDING, state=InvitationState.EXPIRED)
SELECT = Permission(GOVERNANCE, ROLE, "insurance_gold", "claims", "SELECT")
ASKED = build_wish(1, build_access("id", "iban"))


@pytest.fixture
def world() -> SimulatedCatalog:
    """All that was asked for is granted, in a share that nobody accepted in time."""
    made = SimulatedCatalog(accepted=frozenset(), carried=frozenset({SHARE}))
    made.apply_plan(made.plan([ASKED]))
    made.invitations = (OVER,)
    made.rows_in = {SHARE: frozenset(one for one in made.held if one.catalog == GOVERNANCE)}
    return made


def list_actions(todo: Plan) -> list[tuple[str, object]]:
    return [
        (change.action, change.columns)
        for step in todo.steps
        for change in step.changes
        if change.catalog == GOVERNANCE
    ]


def test_what_lies_in_the_share_is_revoked_and_granted_anew(world: SimulatedCatalog) -> None:
    todo = world.plan([ASKED])
    names = ColumnSet.include(["id", "iban"])
    assert set(list_actions(todo)) == {("revoke", names), ("revoke", None), ("grant", names), ("grant", None)}
    operations = [step.operation for step in todo.steps]
    assert operations == ["BatchRevokePermissions", "BatchGrantPermissions"]
    assert "did not accept the invitation of 111111111111 in time" in todo.waiting_reasons[1]
    before = dict(world.held)
    world.apply_plan(todo)
    assert world.held == before


def test_what_shrinks_meanwhile_is_revoked_once(world: SimulatedCatalog) -> None:
    ended = replace(ASKED, ended_at=NOW)
    todo = world.plan([ended, build_wish(2, build_access("id"))])
    assert list_actions(todo).count(("revoke", ColumnSet.include(["id", "iban"]))) == 1
    world.apply_plan(todo)
    assert world.held[SELECT] == ColumnSet.include(["id"])


def has_no_steps(world: SimulatedCatalog, *wishes: IntentSpec) -> bool:
    return not world.plan(wishes or [ASKED]).steps


def test_nothing_is_touched_where_somebody_elses_permission_lies_in_the_share(
    world: SimulatedCatalog,
) -> None:
    theirs = replace(SELECT, principal="arn:aws:iam::333333333333:role/theirs")
    world.held[theirs] = ALL_COLUMNS
    world.rows_in = {SHARE: world.rows_in[SHARE] | {theirs}}
    todo = world.plan([ASKED])
    assert todo.steps == []
    assert todo.waiting_reasons[1].endswith(
        "its share contains permissions held outside the portal, which prevent another invitation"
    )


def test_nothing_is_touched_where_somebody_granted_more_columns(world: SimulatedCatalog) -> None:
    world.held[SELECT] |= ColumnSet.include(["salary"])
    assert has_no_steps(world)


def test_nothing_is_touched_where_the_share_was_accepted_after_all(world: SimulatedCatalog) -> None:
    world.accepted = frozenset({SHARE})
    assert has_no_steps(world)


def test_an_invitation_that_stands_is_accepted_instead(world: SimulatedCatalog) -> None:
    world.invitations = (OVER, PENDING)
    (step,) = world.plan([ASKED]).steps
    assert step.operation == "AcceptResourceShareInvitation"
    assert step.changes[0].atom == PENDING


def test_the_end_of_another_accounts_invitation_concerns_nobody(world: SimulatedCatalog) -> None:
    world.invitations = (replace(OVER, share_arn=OTHER),)
    world.rows_in = {OTHER: world.rows_in[SHARE]}
    assert has_no_steps(world)


def test_one_that_was_accepted_in_vain_is_given_up_when_it_is_old() -> None:
    fresh, old = PENDING, replace(PENDING, is_old=True)
    world = SimulatedCatalog(invitations=(fresh, old, OVER))
    given_up = world.observe().expire_old_invitations().invitations
    assert [one.state for one in given_up] == [
        InvitationState.OPEN,
        InvitationState.EXPIRED,
        InvitationState.EXPIRED,
    ]


def test_one_that_was_rejected_is_told_and_left(world: SimulatedCatalog) -> None:
    world.invitations = (replace(PENDING, state=InvitationState.REJECTED, is_old=True),)
    todo = world.plan([ASKED])
    assert (todo.steps, world.observe().expire_old_invitations()) == ([], world.observe())
    assert (
        "333333333333 rejected the invitation of 111111111111; revoke this access" in todo.waiting_reasons[1]
    )
