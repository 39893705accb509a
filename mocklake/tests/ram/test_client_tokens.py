"""The same token with the same parameters is answered as before; with others it is refused."""

from typing import Any

import pytest

from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    CONSUMER,
    PARTNER,
    RECEIVER,
    call,
    grant,
    new_world,
    on_table,
    refused,
    with_table,
)
from mocklake.world import World


def _share(world: World) -> str:
    made = call(world, ADMIN, "ram", "CreateResourceShare", name="one", principals=[CONSUMER])
    return str(made["resourceShare"]["resourceShareArn"])


@pytest.mark.parametrize(
    ("operation", "asked", "other"),
    [
        ("CreateResourceShare", {"name": "two"}, {"name": "three"}),
        ("AssociateResourceShare", {"principals": [PARTNER]}, {"principals": [CONSUMER]}),
        ("DisassociateResourceShare", {"principals": [CONSUMER]}, {"principals": [PARTNER]}),
        ("UpdateResourceShare", {"name": "two"}, {"name": "three"}),
        ("DeleteResourceShare", {}, {"resourceShareArn": "arn:aws:ram:eu-central-1:1:resource-share/x"}),
    ],
)
def test_an_owners_call(operation: str, asked: dict[str, Any], other: dict[str, Any]) -> None:
    world = new_world()
    named = {} if operation.startswith("Create") else {"resourceShareArn": _share(world)}
    first = call(world, ADMIN, "ram", operation, clientToken="t", **named, **asked)
    assert call(world, ADMIN, "ram", operation, clientToken="t", **named, **asked) == first
    assert first["clientToken"] == "t"
    with refused("IdempotentParameterMismatchException"):
        call(world, ADMIN, "ram", operation, clientToken="t", **{**named, **asked, **other})


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("AcceptResourceShareInvitation", "ResourceShareInvitationAlreadyAcceptedException"),
        ("RejectResourceShareInvitation", "ResourceShareInvitationAlreadyRejectedException"),
    ],
)
def test_a_receivers_answer(operation: str, code: str) -> None:
    world = with_table(new_world())
    grant(world, ADMIN, CONSUMER, on_table(), "SELECT")
    (sent,) = call(world, RECEIVER, "ram", "GetResourceShareInvitations")["resourceShareInvitations"]
    asked = {"resourceShareInvitationArn": sent["resourceShareInvitationArn"]}
    first = call(world, RECEIVER, "ram", operation, clientToken="t", **asked)
    assert call(world, RECEIVER, "ram", operation, clientToken="t", **asked) == first
    with refused(code):
        call(world, RECEIVER, "ram", operation, **asked)


def test_a_token_belongs_to_an_account() -> None:
    world = new_world()
    mine = call(world, ADMIN, "ram", "CreateResourceShare", name="one", clientToken="t")
    theirs = call(world, RECEIVER, "ram", "CreateResourceShare", name="two", clientToken="t")
    assert mine["resourceShare"]["name"] != theirs["resourceShare"]["name"]


def test_what_failed_is_tried_anew() -> None:
    world = new_world()
    wrong = {"name": "one", "principals": ["abc"], "clientToken": "t"}
    with refused("InvalidParameterException"):
        call(world, ADMIN, "ram", "CreateResourceShare", **wrong)
    call(world, ADMIN, "ram", "CreateResourceShare", name="one", clientToken="t")


@pytest.mark.parametrize("token", ["", "x" * 65])
def test_an_impossible_token_is_refused(token: str) -> None:
    with refused("InvalidClientTokenException"):
        call(new_world(), ADMIN, "ram", "CreateResourceShare", name="one", clientToken=token)
