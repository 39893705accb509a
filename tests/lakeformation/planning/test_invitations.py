"""An invitation that nobody can accept any more is replaced by another one, and only where that harms nobody."""

from dataclasses import replace

import pytest

from lakeformation.observation.reading import Invitation, Standing
from lakeformation.planning.changes import Plan
from lakeformation.planning.desired import Wish
from lakeformation.values.column_sets import EVERY, ColumnSet
from lakeformation.values.permissions import Permission
from tests.lakeformation.mesh import GOVERNANCE, NOW, ROLE, World, access, wish

SHARE = "arn:aws:ram:eu-central-1:111111111111:resource-share/1"
OTHER = "arn:aws:ram:eu-central-1:111111111111:resource-share/2"
PENDING = Invitation("arn:invitation/1", SHARE, "111111111111")
OVER = replace(PENDING, standing=Standing.OVER)
SELECT = Permission(GOVERNANCE, ROLE, "insurance_gold", "claims", "SELECT")
ASKED = wish(1, access("id", "iban"))


@pytest.fixture
def world() -> World:
    """All that was asked for is granted, in a share that nobody accepted in time."""
    made = World(accepted=frozenset(), carried=frozenset({SHARE}))
    made.obey(made.plan([ASKED]))
    made.invitations = (OVER,)
    made.rows_in = {SHARE: frozenset(one for one in made.held if one.place == GOVERNANCE)}
    return made


def actions(todo: Plan) -> list[tuple[str, object]]:
    return [
        (change.action, change.columns)
        for step in todo.steps
        for change in step.changes
        if change.place == GOVERNANCE
    ]


def test_what_lies_in_the_share_is_revoked_and_granted_anew(world: World) -> None:
    todo = world.plan([ASKED])
    names = ColumnSet.include(["id", "iban"])
    assert set(actions(todo)) == {("revoke", names), ("revoke", None), ("grant", names), ("grant", None)}
    operations = [step.operation for step in todo.steps]
    assert operations == ["BatchRevokePermissions", "BatchGrantPermissions"]
    assert "did not accept the invitation of 111111111111 in time" in todo.waiting[1]
    before = dict(world.held)
    world.obey(todo)
    assert world.held == before


def test_what_shrinks_meanwhile_is_revoked_once(world: World) -> None:
    ended = replace(ASKED, ended_at=NOW)
    todo = world.plan([ended, wish(2, access("id"))])
    assert actions(todo).count(("revoke", ColumnSet.include(["id", "iban"]))) == 1
    world.obey(todo)
    assert world.held[SELECT] == ColumnSet.include(["id"])


def still(world: World, *wishes: Wish) -> bool:
    return not world.plan(wishes or [ASKED]).steps


def test_nothing_is_touched_where_somebody_elses_permission_lies_in_the_share(world: World) -> None:
    theirs = replace(SELECT, principal="arn:aws:iam::333333333333:role/theirs")
    world.held[theirs] = EVERY
    world.rows_in = {SHARE: world.rows_in[SHARE] | {theirs}}
    todo = world.plan([ASKED])
    assert todo.steps == []
    assert todo.waiting[1].endswith(
        "its share contains permissions held outside the portal, which prevent another invitation"
    )


def test_nothing_is_touched_where_somebody_granted_more_columns(world: World) -> None:
    world.held[SELECT] |= ColumnSet.include(["salary"])
    assert still(world)


def test_nothing_is_touched_where_the_share_was_accepted_after_all(world: World) -> None:
    world.accepted = frozenset({SHARE})
    assert still(world)


def test_an_invitation_that_stands_is_accepted_instead(world: World) -> None:
    world.invitations = (OVER, PENDING)
    (step,) = world.plan([ASKED]).steps
    assert step.operation == "AcceptResourceShareInvitation"
    assert step.changes[0].atom == PENDING


def test_the_end_of_another_accounts_invitation_concerns_nobody(world: World) -> None:
    world.invitations = (replace(OVER, share_arn=OTHER),)
    world.rows_in = {OTHER: world.rows_in[SHARE]}
    assert still(world)


def test_one_that_was_accepted_in_vain_is_given_up_when_it_is_old() -> None:
    fresh, old = PENDING, replace(PENDING, is_old=True)
    world = World(invitations=(fresh, old, OVER))
    given_up = world.observe().given_up().invitations
    assert [one.standing for one in given_up] == [Standing.OPEN, Standing.OVER, Standing.OVER]


def test_one_that_was_rejected_is_told_and_left(world: World) -> None:
    world.invitations = (replace(PENDING, standing=Standing.REJECTED, is_old=True),)
    todo = world.plan([ASKED])
    assert (todo.steps, world.observe().given_up()) == ([], world.observe())
    assert "333333333333 rejected the invitation of 111111111111; revoke this access" in todo.waiting[1]
