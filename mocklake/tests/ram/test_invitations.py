"""Invitations belong to the receiver, are answered once, and expire."""

from datetime import timedelta

import pytest

from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    CONSUMER,
    GUEST,
    PARTNER,
    PRODUCER,
    RECEIVER,
    call,
    caller,
    grant,
    new_world,
    on_table,
    readable,
    refused,
    with_table,
)
from mocklake.world import World

ACCEPT, REJECT = "AcceptResourceShareInvitation", "RejectResourceShareInvitation"


def _invited() -> tuple[World, str]:
    world = with_table(new_world())
    grant(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    (one,) = call(world, RECEIVER, "ram", "GetResourceShareInvitations")["resourceShareInvitations"]
    assert (one["status"], one["senderAccountId"], one["receiverAccountId"]) == (
        "PENDING",
        PRODUCER,
        CONSUMER,
    )
    return world, one["resourceShareInvitationArn"]


def test_only_the_receiver_sees_it() -> None:
    world, arn = _invited()
    for stranger in (ADMIN, caller(PARTNER, "LakeAdmin")):
        answer = call(world, stranger, "ram", "GetResourceShareInvitations")
        assert answer == {"resourceShareInvitations": []}
        with refused("ResourceShareInvitationArnNotFoundException"):
            call(world, stranger, "ram", ACCEPT, resourceShareInvitationArn=arn)
    assert readable(world, GUEST) == ()


@pytest.mark.parametrize("again", [ACCEPT, REJECT])
@pytest.mark.parametrize(("first", "status"), [(ACCEPT, "Accepted"), (REJECT, "Rejected")])
def test_it_is_answered_once(first: str, status: str, again: str) -> None:
    world, arn = _invited()
    answer = call(world, RECEIVER, "ram", first, resourceShareInvitationArn=arn, clientToken="t")
    assert answer["resourceShareInvitation"]["status"] == status.upper()
    with refused(f"ResourceShareInvitationAlready{status}Exception"):
        call(world, RECEIVER, "ram", again, resourceShareInvitationArn=arn)
    assert bool(readable(world, GUEST)) == (first == ACCEPT)


def test_a_rejected_share_stays_closed_until_it_is_made_again() -> None:
    world, arn = _invited()
    call(world, RECEIVER, "ram", REJECT, resourceShareInvitationArn=arn)
    grant(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    (one,) = call(world, RECEIVER, "ram", "GetResourceShareInvitations")["resourceShareInvitations"]
    assert one["status"] == "REJECTED"
    assert readable(world, GUEST) == ()


def test_it_expires_after_seven_days() -> None:
    world, arn = _invited()
    world.clock_offset += timedelta(days=7)
    (one,) = call(world, RECEIVER, "ram", "GetResourceShareInvitations")["resourceShareInvitations"]
    assert one["status"] == "EXPIRED"
    with refused("ResourceShareInvitationExpiredException"):
        call(world, RECEIVER, "ram", ACCEPT, resourceShareInvitationArn=arn)


def test_filters_and_malformed_arns() -> None:
    world, arn = _invited()
    (one,) = call(world, RECEIVER, "ram", "GetResourceShareInvitations", resourceShareInvitationArns=[arn])[
        "resourceShareInvitations"
    ]
    share = one["resourceShareArn"]
    for shares, count in (([share], 1), ([f"{share}x"], 0)):
        found = call(world, RECEIVER, "ram", "GetResourceShareInvitations", resourceShareArns=shares)
        assert len(found["resourceShareInvitations"]) == count
    with refused("ResourceShareInvitationArnNotFoundException"):
        call(world, RECEIVER, "ram", "GetResourceShareInvitations", resourceShareInvitationArns=[f"{arn}x"])
    with refused("MalformedArnException"):
        call(world, RECEIVER, "ram", ACCEPT, resourceShareInvitationArn="nonsense")


def test_pages_hold_as_many_as_asked_for() -> None:
    world = with_table(new_world())
    for number in range(5):
        producer = f"55555555555{number}"
        call(world, caller(producer), "glue", "CreateDatabase", DatabaseInput={"Name": "sales"})
        resource = {"Database": {"Name": "sales"}}
        grant(world, caller(producer), CONSUMER, resource, "DESCRIBE")
    seen: list[str] = []
    token: dict[str, str] = {}
    while True:
        answer = call(world, RECEIVER, "ram", "GetResourceShareInvitations", maxResults=2, **token)
        seen += [one["senderAccountId"] for one in answer["resourceShareInvitations"]]
        assert len(answer["resourceShareInvitations"]) <= 2
        if "nextToken" not in answer:
            break
        token = {"nextToken": answer["nextToken"]}
    assert seen == [f"55555555555{number}" for number in range(5)]
    with refused("InvalidNextTokenException"):
        call(world, RECEIVER, "ram", "GetResourceShareInvitations", nextToken="nonsense")
