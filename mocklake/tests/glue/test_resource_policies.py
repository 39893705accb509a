"""The catalog's resource policy: its form, its conditions, and its company of those that RAM made."""

import json
from typing import Any

import pytest

from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    CONSUMER,
    GUEST,
    PRODUCER,
    REGION,
    accept,
    call,
    caller,
    grant,
    new_world,
    on_columns,
    refused,
    with_table,
)
from mocklake.world import World

ROOT = caller(PRODUCER)
ARN = f"arn:aws:glue:{REGION}:{PRODUCER}:"


def statement(*actions: str, who: Any = None, resource: Any = f"{ARN}*", **more: Any) -> dict[str, Any]:
    who = {"AWS": CONSUMER} if who is None else who
    return {"Effect": "Allow", "Action": list(actions), "Principal": who, "Resource": resource} | more


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def put(world: World, text: str, **params: Any) -> str:
    return str(call(world, ROOT, "glue", "PutResourcePolicy", PolicyInJson=text, **params)["PolicyHash"])


def listed(world: World) -> list[dict[str, Any]]:
    answer = call(world, ROOT, "glue", "GetResourcePolicies")
    return list(answer["GetResourcePoliciesResponseList"])


READING = policy(statement("glue:Get*"))


def test_a_policy_is_read_back_with_its_hash_and_deleted() -> None:
    world = new_world()
    with refused("EntityNotFoundException"):
        call(world, ROOT, "glue", "GetResourcePolicy")
    hashed = put(world, READING)
    found = call(world, ROOT, "glue", "GetResourcePolicy")
    assert (found["PolicyInJson"], found["PolicyHash"]) == (READING, hashed)
    call(world, ROOT, "glue", "DeleteResourcePolicy", PolicyHashCondition=hashed)
    with refused("EntityNotFoundException"):
        call(world, ROOT, "glue", "DeleteResourcePolicy")


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        '{"Version": "2012-10-17"}',
        '{"Version": "1999-01-01", "Statement": []}',
        policy(statement("s3:GetObject")),
        policy(statement("glue:GetTable", resource="arn:aws:glue:eu-west-1:999999999999:catalog")),
        policy(statement("glue:GetTable", who={"AWS": "not-a-principal"})),
        policy(statement("glue:GetTable", who={})),
        policy(statement("glue:GetTable", Effect="Perhaps")),
        policy(statement("glue:GetTable", Extra=1)),
        policy(statement("glue:GetTable", Sid="x" * 10_240)),
    ],
)
def test_what_is_no_policy_of_this_catalog_is_refused(text: str) -> None:
    world = new_world()
    with refused("InvalidInputException"):
        put(world, text)
    assert listed(world) == []


def test_conditions_guard_against_another_hand() -> None:
    world = new_world()
    for condition in ({"PolicyExistsCondition": "MUST_EXIST"}, {"PolicyHashCondition": "guess"}):
        with refused("ConditionCheckFailureException"):
            put(world, READING, **condition)
    first = put(world, READING, PolicyExistsCondition="NOT_EXIST")
    with refused("ConditionCheckFailureException"):
        put(world, READING, PolicyExistsCondition="NOT_EXIST")
    second = put(
        world, policy(statement("glue:*")), PolicyHashCondition=first, PolicyExistsCondition="MUST_EXIST"
    )
    assert second != first
    with refused("ConditionCheckFailureException", "Policy hash condition not met"):
        call(world, ROOT, "glue", "DeleteResourcePolicy", PolicyHashCondition=first)


def test_beside_shares_by_ram_a_policy_must_be_put_knowingly() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, GUEST.arn, on_columns("id"), "SELECT")
    with refused("InvalidInputException"):
        put(world, READING)
    with refused("InvalidInputException"):
        put(world, READING, EnableHybrid="FALSE")
    put(world, READING, EnableHybrid="TRUE")


def test_what_ram_shares_has_policies_of_its_own_once_accepted() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, GUEST.arn, on_columns("id"), "SELECT")
    assert listed(world) == []
    accept(world)
    put(world, READING, EnableHybrid="TRUE")
    (own, *made) = listed(world)
    assert own["PolicyInJson"] == READING
    rules = [json.loads(one["PolicyInJson"])["Statement"][0] for one in made]
    assert [rule["Resource"] for rule in rules] == [
        f"{ARN}catalog",
        f"{ARN}database/sales",
        f"{ARN}table/sales/orders",
    ]
    assert {rule["Principal"]["AWS"] for rule in rules} == {f"arn:aws:iam::{CONSUMER}:root"}
    of_table = call(world, ROOT, "glue", "GetResourcePolicy", ResourceArn=f"{ARN}table/sales/orders")
    assert of_table == made[2]


def test_policies_come_by_pages() -> None:
    world = with_table(new_world(organisation={PRODUCER, CONSUMER}))
    grant(world, ADMIN, GUEST.arn, on_columns("id"), "SELECT")
    first = call(world, ROOT, "glue", "GetResourcePolicies", MaxResults=2)
    rest = call(world, ROOT, "glue", "GetResourcePolicies", NextToken=first["NextToken"])
    pages = [len(one["GetResourcePoliciesResponseList"]) for one in (first, rest)]
    assert pages == [2, 1]
