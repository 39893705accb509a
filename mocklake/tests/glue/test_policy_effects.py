"""What a resource policy opens to other accounts, and what it keeps RAM from sharing."""

import json
from typing import Any

import pytest

from mocklake.oracle.columns import can_read
from mocklake.tests.glue.test_resource_policies import ARN, policy, put, statement
from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    CONSUMER,
    EVERYONE,
    GUEST,
    PRODUCER,
    RECEIVER,
    REGION,
    accept,
    call,
    caller,
    grant,
    lf,
    new_world,
    on_columns,
    on_database,
    on_table,
    permission,
    readable,
    refused,
    revoke,
    with_table,
)
from mocklake.world import World

ORDERS = {"CatalogId": PRODUCER, "DatabaseName": "sales", "Name": "orders"}
READING = policy(statement("glue:Get*"))
SHARING = statement("glue:ShareResource", who={"Service": "ram.amazonaws.com"})


def judged(world: World) -> bool:
    return can_read(world, GUEST.arn, PRODUCER, REGION, "sales", "orders", "id").allowed


def test_a_policy_opens_what_is_left_to_everyone() -> None:
    world = with_table(new_world(open_to_all=True))
    with refused("AccessDeniedException"):
        call(world, GUEST, "glue", "GetTable", **ORDERS)
    assert (readable(world, GUEST), judged(world)) == ((), False)
    put(world, READING)
    assert len(call(world, GUEST, "glue", "GetTable", **ORDERS)["Table"]["StorageDescriptor"]["Columns"]) == 4
    tables = call(world, GUEST, "glue", "GetTables", CatalogId=PRODUCER, DatabaseName="sales")["TableList"]
    assert [one["Name"] for one in tables] == ["orders"]
    assert (readable(world, GUEST), judged(world)) == (("id", "email", "amount", "country", "day"), True)


def test_it_opens_nothing_that_is_not_left_to_everyone() -> None:
    world = with_table(new_world(open_to_all=True))
    put(world, READING)
    revoke(world, ADMIN, EVERYONE, on_table(), "ALL")
    with refused("AccessDeniedException"):
        call(world, GUEST, "glue", "GetTable", **ORDERS)
    assert (readable(world, GUEST), judged(world)) == ((), False)


@pytest.mark.parametrize(
    "statements",
    [
        [statement("glue:GetDatabase")],
        [statement("glue:GetTable", who={"AWS": "444444444444"})],
        [statement("glue:GetTable", resource=[f"{ARN}catalog", f"{ARN}table/sales/orders"])],
        [statement("glue:*"), statement("glue:GetTable", Effect="Deny", resource=f"{ARN}table/sales/*")],
        [statement("glue:*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-other"}})],
    ],
    ids=["another action", "another account", "not the database", "a denial", "a condition"],
)
def test_every_part_of_the_way_must_be_allowed(statements: list[dict[str, Any]]) -> None:
    world = with_table(new_world(open_to_all=True))
    put(world, policy(*statements))
    assert (readable(world, GUEST), judged(world)) == ((), False)


def test_a_named_role_is_let_in_and_the_rest_of_its_account_is_not() -> None:
    world = with_table(new_world(open_to_all=True))
    put(world, policy(statement("glue:*", who={"AWS": GUEST.arn})))
    assert readable(world, GUEST)
    assert readable(world, RECEIVER) == ()


def test_writing_needs_its_own_action() -> None:
    world = with_table(new_world(open_to_all=True))
    put(world, READING)
    with refused("AccessDeniedException"):
        call(world, GUEST, "glue", "DeleteTable", **ORDERS)
    put(world, policy(statement("glue:*")))
    call(world, GUEST, "glue", "DeleteTable", **ORDERS)


def test_a_policy_that_does_not_let_ram_share_blocks_the_share_of_a_grant_that_succeeds() -> None:
    world = with_table(new_world(organisation={PRODUCER, CONSUMER}))
    put(world, READING)
    grant(world, ADMIN, GUEST.arn, on_columns("id"), "SELECT")
    assert readable(world, GUEST) == ()
    assert not judged(world)
    put(world, policy(SHARING), EnableHybrid="TRUE")
    grant(world, ADMIN, GUEST.arn, on_columns("id"), "SELECT")
    assert readable(world, GUEST) == ("id", "day")
    assert judged(world)


def test_without_a_policy_nothing_stands_in_the_way() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, GUEST.arn, on_columns("id"), "SELECT")
    accept(world)
    assert readable(world, GUEST) == ("id", "day")


def test_a_policy_may_be_one_statement_without_a_list() -> None:
    world = with_table(new_world(open_to_all=True))
    put(world, json.dumps({"Version": "2012-10-17", "Statement": statement("glue:*")}))
    assert (len(readable(world, GUEST)), judged(world)) == (5, True)


def test_hybrid_locations_leave_the_same_to_the_policy() -> None:
    world = with_table(new_world(open_to_all=True))
    where = {"ResourceArn": "arn:aws:s3:::producer-lake", "RoleArn": f"arn:aws:iam::{PRODUCER}:role/LakeData"}
    lf(world, caller(PRODUCER), "RegisterResource", **where, HybridAccessEnabled=True)
    assert (readable(world, GUEST), judged(world)) == ((), False)
    put(world, READING)
    assert (len(readable(world, GUEST)), judged(world)) == (5, True)


def test_a_database_left_to_everyone_is_seen_by_the_policy() -> None:
    world = with_table(new_world(open_to_all=True))
    put(world, READING)
    found = call(world, GUEST, "glue", "GetDatabase", CatalogId=PRODUCER, Name="sales")
    assert found["Database"]["Name"] == "sales"
    lf(world, ADMIN, "RevokePermissions", **permission(EVERYONE, on_database(), "ALL"))
    with refused("AccessDeniedException"):
        call(world, GUEST, "glue", "GetDatabase", CatalogId=PRODUCER, Name="sales")
