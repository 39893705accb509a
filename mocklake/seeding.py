"""What a seed written in Python may use: `--seed shop.aws` calls `apply(world)` of the module `shop.aws`.

    def apply(world: World) -> None:
        world.accounts["100000000001"] = "Shop"
        world.organisation.add("100000000001")
        role(world, "100000000001", "admin", trust={…}, policy={…})
        as_root(world, "100000000001", "eu-central-1", "glue", "CreateDatabase", DatabaseInput={"Name": "sales"})

Lake Formation, Glue, RAM, Athena, CloudTrail and EventBridge are filled by their own operations, as an account's root.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mocklake import moto_bridge, partitions
from mocklake.glue_runs import quality_runs
from mocklake.iam.access_keys import long_lived_key
from mocklake.seeds.placement import as_root, role_arn
from mocklake.world import World

__all__ = [
    "World",
    "account",
    "as_root",
    "bucket",
    "put_object",
    "quality_result",
    "queue",
    "role",
    "role_arn",
    "user",
]


def account(world: World, account: str, name: str, *, partition: str = partitions.DEFAULT) -> None:
    """An account in a partition, such as `aws-cn`; its regions are those of the partition."""
    world.accounts[account] = name
    moto_bridge.put_account(account, partition)


def role(
    world: World,
    account: str,
    name: str,
    *,
    trust: Mapping[str, Any],
    policy: Mapping[str, Any],
    description: str = "",
    tags: Mapping[str, str] | None = None,
    max_session_duration: int = 3600,
    long_lived: bool = False,
) -> str:
    """Create an IAM role with one inline policy; returns its ARN. `trust` and `policy` are IAM policy documents.

    With `long_lived` the control API gives the role one key that does not expire, as for a program on a machine.
    """
    iam = moto_bridge.iam(account)
    made = iam.create_role(name, json.dumps(trust), "/", None, description, [], f"{max_session_duration}")
    iam.put_role_policy(name, "inline", json.dumps(policy))
    if tags:
        iam.tag_role(name, _pairs(tags))
    if long_lived:
        long_lived_key(world, made.arn, made.id)
    return str(made.arn)


def user(
    account: str, name: str, *, policy: Mapping[str, Any], tags: Mapping[str, str] | None = None
) -> None:
    """Create an IAM user with one inline policy and no key."""
    iam = moto_bridge.iam(account)
    iam.create_user(iam.region_name, name, "/", _pairs(tags or {}))
    iam.put_user_policy(name, "inline", json.dumps(policy))


def bucket(account: str, name: str, region: str, *, policy: Mapping[str, Any] | None = None) -> None:
    s3 = moto_bridge.s3(account)
    s3.create_bucket(name, region)
    if policy:
        s3.put_bucket_policy(name, json.dumps(policy).encode())


def queue(account: str, name: str, region: str, *, policy: Mapping[str, Any]) -> None:
    """Create an SQS queue with a policy."""
    moto_bridge.create_queue(account, region, name, json.dumps(policy))


def quality_result(
    world: World,
    account: str,
    region: str,
    table: tuple[str, str],
    rules: list[dict[str, Any]],
    *,
    ruleset: str,
    completed_at: datetime,
) -> str:
    """A result of Glue Data Quality that nobody measured, of a database's table; returns its id. Put the oldest first."""
    place = {"DatabaseName": table[0], "TableName": table[1]}
    return quality_runs.put_result(
        world, account, region, place, rules, ruleset=ruleset, completed_at=completed_at
    )


def put_object(account: str, bucket: str, key: str, body: bytes, *, at: datetime | None = None) -> None:
    """`at` is when it was last modified; now, if it is not said."""
    made = moto_bridge.s3(account).put_object(bucket, key, body)
    if at is not None:
        made.last_modified = at.astimezone(UTC).replace(tzinfo=None)


def _pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
