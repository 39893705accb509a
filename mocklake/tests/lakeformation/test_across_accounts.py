"""A grant to another account has effect only through an accepted share, and only as far as both sides allow."""

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
    held,
    new_world,
    on_columns,
    on_database,
    on_table,
    readable,
    refused,
    revoke,
    role,
    rows,
    with_table,
)

TEAM = {PRODUCER, CONSUMER}
ORGANISATION = f"arn:aws:organizations::{PRODUCER}:organization/o-abcdefghij"


def test_a_direct_grant_waits_for_the_invitation() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, GUEST.arn, on_columns("id", "amount"), "SELECT")
    assert readable(world, GUEST) == ()
    assert len(accept(world)) == 1
    assert readable(world, GUEST) == ("id", "amount", "day")


def test_inside_the_organisation_it_works_at_once() -> None:
    world = with_table(new_world(organisation=TEAM))
    grant(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    assert accept(world) == []
    assert len(readable(world, GUEST)) == 5


def test_a_grant_to_the_account_alone_reaches_nobody_in_it() -> None:
    world = with_table(new_world(organisation=TEAM))
    grant(world, ADMIN, CONSUMER, on_table(), "SELECT", option=("SELECT",))
    assert readable(world, GUEST) == readable(world, RECEIVER) == ()


def test_delegated_access_is_what_both_sides_grant() -> None:
    world = with_table(new_world(organisation=TEAM))
    columns = on_columns("id", "amount")
    grant(world, ADMIN, CONSUMER, columns, "SELECT", option=("SELECT",))
    grant(world, RECEIVER, GUEST.arn, columns, "SELECT")
    assert readable(world, GUEST) == ("id", "amount", "day")
    revoke(world, ADMIN, CONSUMER, on_columns("amount"), "SELECT", option=("SELECT",))
    assert readable(world, GUEST) == ("id", "day")
    revoke(world, RECEIVER, GUEST.arn, columns, "SELECT")
    assert readable(world, GUEST) == ()


def test_a_receiver_passes_on_no_more_than_it_was_given() -> None:
    world = with_table(new_world(organisation=TEAM))
    grant(world, ADMIN, CONSUMER, on_columns("id"), "SELECT", option=("SELECT",))
    for resource in (on_columns("id", "email"), on_table()):
        with refused("AccessDeniedException"):
            grant(world, RECEIVER, GUEST.arn, resource, "SELECT")
    assert readable(world, GUEST) == ()


def test_without_the_grant_option_a_receiver_passes_on_nothing() -> None:
    world = with_table(new_world(organisation=TEAM))
    grant(world, ADMIN, CONSUMER, on_table(), "SELECT")
    with refused("AccessDeniedException"):
        grant(world, RECEIVER, GUEST.arn, on_table(), "SELECT")


def test_a_receiver_cannot_share_further() -> None:
    world = with_table(new_world(organisation=TEAM))
    grant(world, ADMIN, CONSUMER, on_table(), "SELECT", option=("SELECT",))
    for principal in (PARTNER, role(PARTNER, "Analyst"), "IAM_ALLOWED_PRINCIPALS"):
        with refused("InvalidInputException", "Permissions modification is invalid"):
            grant(world, RECEIVER, principal, on_table(), "SELECT")


def test_before_it_accepts_a_receiver_passes_on_nothing() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, CONSUMER, on_table(), "SELECT", option=("SELECT",))
    with refused("AccessDeniedException"):
        grant(world, RECEIVER, GUEST.arn, on_table(), "SELECT")
    accept(world)
    grant(world, RECEIVER, GUEST.arn, on_table(), "SELECT")
    assert len(readable(world, GUEST)) == 5


def test_everyone_means_everyone_of_the_owning_account() -> None:
    world = with_table(new_world(organisation=TEAM, open_to_all=True))
    grant(world, ADMIN, CONSUMER, on_database(), "DESCRIBE")
    assert len(readable(world, caller(PRODUCER, "Anybody"))) == 5
    assert readable(world, GUEST) == ()


def test_a_grant_to_the_organisation_reaches_its_accounts() -> None:
    world = with_table(new_world(organisation=TEAM))
    grant(world, ADMIN, ORGANISATION, on_table(), "SELECT", option=("SELECT",))
    grant(world, RECEIVER, GUEST.arn, on_table(), "SELECT")
    assert len(readable(world, GUEST)) == 5
    assert readable(world, caller(PARTNER, "Analyst")) == ()


def test_the_granting_side_lists_the_share() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    (row,) = rows(world, ADMIN, Resource=on_table())
    assert row["AdditionalDetails"]["ResourceShare"] == accept(world)


def test_a_direct_grant_is_seen_by_its_principal_but_not_by_its_administrator() -> None:
    world = with_table(new_world(organisation=TEAM))
    grant(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    assert held(world, GUEST, GUEST.arn, Resource=on_table()) == [("TableWithColumns", ("SELECT",), ())]
    assert held(world, RECEIVER, GUEST.arn, Resource=on_table()) == []


def test_an_accounts_grant_and_the_local_ones_are_seen_by_its_administrator() -> None:
    world = with_table(new_world(organisation=TEAM))
    grant(world, ADMIN, CONSUMER, on_table(), "SELECT", option=("SELECT",))
    grant(world, RECEIVER, GUEST.arn, on_table(), "SELECT")
    seen = {
        row["Principal"]["DataLakePrincipalIdentifier"] for row in rows(world, RECEIVER, CatalogId=PRODUCER)
    }
    assert seen == {CONSUMER, GUEST.arn}
    assert {one["Principal"]["DataLakePrincipalIdentifier"] for one in rows(world, ADMIN)} == {CONSUMER}
    assert rows(world, RECEIVER) == []


def test_a_listing_by_a_foreign_role_may_find_nothing() -> None:
    world = with_table(new_world(organisation=TEAM))
    grant(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    principal = {"DataLakePrincipalIdentifier": GUEST.arn}
    assert len(rows(world, ADMIN, Principal=principal, Resource=on_table())) == 1
    world.switches.hides_foreign_principals = "always"
    assert rows(world, ADMIN, Principal=principal, Resource=on_table()) == []


def test_a_recreated_table_has_lost_its_grants_and_left_its_share() -> None:
    world = with_table(new_world(organisation=TEAM))
    grant(world, ADMIN, CONSUMER, on_table(), "SELECT", option=("SELECT",))
    grant(world, RECEIVER, GUEST.arn, on_table(), "SELECT")
    call(world, caller(PRODUCER), "glue", "DeleteTable", DatabaseName="sales", Name="orders")
    with_table(world)
    assert rows(world, ADMIN) == rows(world, RECEIVER, CatalogId=PRODUCER) == []
    assert readable(world, GUEST) == ()
    shares = call(world, ADMIN, "ram", "GetResourceShares", resourceOwner="SELF")["resourceShares"]
    assert [share["status"] for share in shares] == ["ACTIVE"]
    grant(world, ADMIN, CONSUMER, on_table(), "SELECT")
    assert readable(world, GUEST) == ()
