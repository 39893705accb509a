"""The share of a pair of accounts is made, widened, narrowed and removed by Lake Formation's grants."""

import re
from datetime import timedelta

from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    CONSUMER,
    GUEST,
    PARTNER,
    PRODUCER,
    RECEIVER,
    accept,
    call,
    caller,
    grant,
    new_world,
    on_database,
    on_table,
    readable,
    refused,
    revoke,
    with_table,
)
from mocklake.world import World

PREFIX = f"arn:aws:glue:eu-central-1:{PRODUCER}:"


def _shares(world: World, **params: str) -> list[dict[str, str]]:
    answer = call(world, ADMIN, "ram", "GetResourceShares", resourceOwner="SELF", **params)
    return list(answer["resourceShares"])


def _active(world: World) -> list[str]:
    return [share["resourceShareArn"] for share in _shares(world, resourceShareStatus="ACTIVE")]


def _resources(world: World) -> list[str]:
    found = call(world, ADMIN, "ram", "ListResources", resourceOwner="SELF")["resources"]
    return [one["arn"].removeprefix(PREFIX) for one in found]


def test_one_share_serves_a_pair_of_accounts() -> None:
    world = with_table(with_table(new_world()), table="returns")
    grant(world, ADMIN, CONSUMER, on_table(), "SELECT")
    grant(world, ADMIN, GUEST.arn, on_table("returns"), "SELECT")
    (share,) = _shares(world)
    assert re.fullmatch(r"LakeFormation-V4-[A-Z0-9]{10}", share["name"])
    assert share["owningAccountId"] == PRODUCER
    assert _resources(world) == ["catalog", "database/sales", "table/sales/orders", "table/sales/returns"]
    grant(world, ADMIN, PARTNER, on_table(), "SELECT")
    assert len(_active(world)) == 2


def test_an_accepted_share_needs_no_second_invitation() -> None:
    world = with_table(with_table(new_world()), table="returns")
    grant(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    accept(world)
    grant(world, ADMIN, GUEST.arn, on_table("returns"), "SELECT")
    assert accept(world) == []
    assert len(readable(world, GUEST, "returns")) == 5


def test_a_share_shrinks_with_its_grants_and_goes_with_the_last() -> None:
    world = with_table(with_table(new_world()), table="returns")
    grant(world, ADMIN, GUEST.arn, on_table(), "SELECT", "DESCRIBE")
    grant(world, ADMIN, CONSUMER, on_table("returns"), "SELECT")
    revoke(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    assert "table/sales/orders" in _resources(world)
    revoke(world, ADMIN, GUEST.arn, on_table(), "DESCRIBE")
    assert _resources(world) == ["catalog", "database/sales", "table/sales/returns"]
    revoke(world, ADMIN, CONSUMER, on_table("returns"), "SELECT")
    assert _active(world) == []
    assert [share["status"] for share in _shares(world)] == ["DELETED"]


def test_a_share_made_again_invites_again() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    accept(world)
    revoke(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    grant(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    assert readable(world, GUEST) == ()
    assert accept(world) == _active(world)
    assert len(readable(world, GUEST)) == 5


def test_a_deleted_share_cuts_the_pair_until_each_grant_is_made_again() -> None:
    world = with_table(with_table(new_world()), table="returns")
    grant(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    grant(world, ADMIN, GUEST.arn, on_table("returns"), "SELECT")
    (arn,) = accept(world)
    call(world, ADMIN, "ram", "DeleteResourceShare", resourceShareArn=arn)
    assert readable(world, GUEST) == readable(world, GUEST, "returns") == ()
    grant(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    accept(world)
    assert len(readable(world, GUEST)) == 5
    assert readable(world, GUEST, "returns") == ()
    revoke(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    revoke(world, ADMIN, GUEST.arn, on_table("returns"), "SELECT")
    assert _active(world) == []


def test_only_the_owner_deletes_a_share() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    (arn,) = accept(world)
    with refused("UnknownResourceException"):
        call(world, RECEIVER, "ram", "DeleteResourceShare", resourceShareArn=arn)
    assert len(readable(world, GUEST)) == 5


def test_a_dropped_table_leaves_its_share_behind() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    call(world, caller(PRODUCER), "glue", "DeleteTable", DatabaseName="sales", Name="orders")
    assert "table/sales/orders" in _resources(world)


def test_version_five_shares_by_wildcard() -> None:
    world = with_table(new_world(version="5"))
    grant(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    assert _resources(world) == ["catalog", "database/*", "table/*/*"]
    accept(world)
    assert len(readable(world, GUEST)) == 5


def test_a_deleted_share_is_shown_for_two_hours() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, CONSUMER, on_database(), "DESCRIBE")
    revoke(world, ADMIN, CONSUMER, on_database(), "DESCRIBE")
    assert len(_shares(world)) == 1
    world.clock_offset += timedelta(hours=3)
    assert _shares(world) == []
