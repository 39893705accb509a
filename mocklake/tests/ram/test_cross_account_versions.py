"""Which versions of a granting and a receiving account go together, from AWS's page on updating them."""

from typing import Any

import pytest

from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    CONSUMER,
    GUEST,
    PRODUCER,
    accept,
    call,
    caller,
    grant,
    lf,
    new_world,
    on_table,
    readable,
    refused,
    revoke,
    with_table,
)
from mocklake.world import World

OLD, NEW = ("1", "2"), ("3", "4", "5")
BY_TAG: dict[str, Any] = {
    "LFTagPolicy": {
        "CatalogId": PRODUCER,
        "ResourceType": "TABLE",
        "Expression": [{"TagKey": "team", "TagValues": ["sales"]}],
    }
}


def _put(world: World, account: str, version: str) -> None:
    settings = {
        "DataLakeAdmins": [{"DataLakePrincipalIdentifier": f"arn:aws:iam::{account}:role/LakeAdmin"}],
        "Parameters": {"CROSS_ACCOUNT_VERSION": version},
    }
    lf(world, caller(account), "PutDataLakeSettings", DataLakeSettings=settings)


def _world(mine: str, theirs: str) -> World:
    world = with_table(with_table(new_world(version="1")), table="returns")
    lf(world, ADMIN, "CreateLFTag", TagKey="team", TagValues=["sales"])
    _put(world, PRODUCER, mine)
    _put(world, CONSUMER, theirs)
    return world


def _active(world: World) -> list[str]:
    asked = {"resourceOwner": "SELF", "resourceShareStatus": "ACTIVE"}
    return [one["name"] for one in call(world, ADMIN, "ram", "GetResourceShares", **asked)["resourceShares"]]


@pytest.mark.parametrize("mine", [*OLD, *NEW])
@pytest.mark.parametrize("theirs", [*OLD, *NEW])
def test_tables_go_from_any_version_to_any(mine: str, theirs: str) -> None:
    world = _world(mine, theirs)
    grant(world, ADMIN, CONSUMER, on_table(), "SELECT")
    assert [name[:16] for name in _active(world)] == [f"LakeFormation-V{mine}"]


@pytest.mark.parametrize("mine", [*OLD, *NEW])
@pytest.mark.parametrize("theirs", [*OLD, *NEW])
def test_tags_need_a_later_grantor_where_the_receiver_is_later(mine: str, theirs: str) -> None:
    world = _world(mine, theirs)
    if mine in OLD and theirs in NEW:
        with refused("InvalidInputException", "Invalid cross account grant request."):
            grant(world, ADMIN, CONSUMER, BY_TAG, "SELECT")
        return
    grant(world, ADMIN, CONSUMER, BY_TAG, "SELECT")
    assert len(_active(world)) == (0 if mine in OLD else 1)


@pytest.mark.parametrize("mine", [*OLD, *NEW])
@pytest.mark.parametrize("theirs", ["1", "5"])
def test_a_foreign_role_needs_the_grantor_at_version_3_alone(mine: str, theirs: str) -> None:
    world = _world(mine, theirs)
    if mine in OLD:
        with refused("InvalidInputException"):
            grant(world, ADMIN, GUEST.arn, on_table(), "SELECT")
        return
    grant(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    assert len(_active(world)) == 1


def test_of_version_1_each_grant_has_its_share_and_its_invitation() -> None:
    world = _world("1", "1")
    grant(world, ADMIN, CONSUMER, on_table(), "SELECT")
    grant(world, ADMIN, CONSUMER, on_table("returns"), "SELECT")
    assert len(accept(world)) == 2
    revoke(world, ADMIN, CONSUMER, on_table(), "SELECT")
    assert len(_active(world)) == 1


def test_a_raised_version_leaves_access_and_shares_as_they_are() -> None:
    world = _world("1", "1")
    grant(world, ADMIN, CONSUMER, on_table(), "SELECT", option=("SELECT",))
    accept(world)
    grant(world, caller(CONSUMER, "LakeAdmin"), GUEST.arn, on_table(), "SELECT")
    _put(world, PRODUCER, "4")
    grant(world, ADMIN, CONSUMER, on_table("returns"), "SELECT")
    assert sorted(name[:16] for name in _active(world)) == ["LakeFormation-V1", "LakeFormation-V4"]
    assert len(readable(world, GUEST)) == 5
