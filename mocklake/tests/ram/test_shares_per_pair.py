"""A full share is followed by another, up to five; each is accepted, narrowed and deleted by itself."""

from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    GUEST,
    accept,
    call,
    grant,
    new_world,
    on_table,
    readable,
    refused,
    revoke,
    rows,
    with_table,
)
from mocklake.world import World

TABLES = [f"table{number}" for number in range(7)]
SELF = {"resourceOwner": "SELF", "resourceShareStatus": "ACTIVE"}


def _world() -> World:
    """A share takes one table: the catalog, its database and the table are three."""
    world = new_world()
    world.switches.resources_in_a_share = 3
    for table in TABLES:
        with_table(world, table=table)
        grant(world, ADMIN, GUEST.arn, on_table(table), "SELECT")
    return world


def _sizes(world: World) -> list[int]:
    shares = call(world, ADMIN, "ram", "GetResourceShares", **SELF)["resourceShares"]
    resources = call(world, ADMIN, "ram", "ListResources", resourceOwner="SELF")["resources"]
    return sorted(
        sum(one["resourceShareArn"] == share["resourceShareArn"] for one in resources) for share in shares
    )


def test_the_fifth_share_takes_all_the_rest() -> None:
    assert _sizes(_world()) == [3, 3, 3, 3, 5]


def test_each_share_is_accepted_by_itself() -> None:
    world = _world()
    pending = call(world, GUEST, "ram", "GetResourceShareInvitations")["resourceShareInvitations"]
    assert len(pending) == 5
    arn = pending[0]["resourceShareInvitationArn"]
    call(world, GUEST, "ram", "AcceptResourceShareInvitation", resourceShareInvitationArn=arn)
    assert 0 < sum(bool(readable(world, GUEST, table)) for table in TABLES) < 7
    accept(world)
    assert all(readable(world, GUEST, table) for table in TABLES)


def test_a_revoke_narrows_the_share_of_its_grant() -> None:
    world = _world()
    accept(world)
    revoke(world, ADMIN, GUEST.arn, on_table("table0"), "SELECT")
    assert _sizes(world) == [3, 3, 3, 5]
    revoke(world, ADMIN, GUEST.arn, on_table("table6"), "SELECT")
    assert _sizes(world) == [3, 3, 3, 4]
    assert all(readable(world, GUEST, table) for table in TABLES[1:6])


def test_a_deleted_share_cuts_its_own_grants_and_no_others() -> None:
    world = _world()
    accept(world)
    row = rows(world, ADMIN, Resource=on_table("table2"))[0]
    (arn,) = row["AdditionalDetails"]["ResourceShare"]
    call(world, ADMIN, "ram", "DeleteResourceShare", resourceShareArn=arn)
    assert [bool(readable(world, GUEST, table)) for table in TABLES] == [one != "table2" for one in TABLES]
    assert "AdditionalDetails" not in rows(world, ADMIN, Resource=on_table("table2"))[0]
    grant(world, ADMIN, GUEST.arn, on_table("table2"), "SELECT")
    accept(world)
    assert all(readable(world, GUEST, table) for table in TABLES)


def test_shares_are_paged_once_each() -> None:
    world = _world()
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = call(world, ADMIN, "ram", "GetResourceShares", maxResults=2, **SELF, **token)
        found += [one["resourceShareArn"] for one in page["resourceShares"]]
        assert len(page["resourceShares"]) <= 2
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert len(found) == len(set(found)) == 5
    with refused("InvalidNextTokenException"):
        call(world, ADMIN, "ram", "GetResourceShares", nextToken="x", **SELF)
