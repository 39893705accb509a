"""The bank with what tells of changes: trails, and events that EventBridge leaves in a queue of each catalog."""

from typing import Any

from demo.bank import world as bank
from demo.bank.accounts import (
    ACCOUNTS,
    CATALOG_PLACES,
    EVENT_SOURCES,
    QUEUE_NAME,
    RULE_NAME,
    TRAIL_NAME,
    TRAILS,
    build_queue_arn,
)
from demo.bank.iam_roles import CATALOG_ACCOUNTS
from mocklake.seeding import World, as_root, bucket, queue

_WRITES = {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}
_PATTERN = '{"source": ["' + '", "'.join(EVENT_SOURCES) + '"]}'


def apply(world: World) -> None:
    bank.apply(world)
    for trail in TRAILS:
        _create_trail(world, trail.account, trail.region, trail.bucket)
    consumers = [
        account.id for account in ACCOUNTS if account.consumes and account.id not in CATALOG_ACCOUNTS
    ]
    for consumer in consumers:
        _create_writes_trail(world, consumer)
    for account, region in CATALOG_PLACES.values():
        _collect_events(world, account, region, consumers)


def _create_trail(world: World, account: str, region: str, name: str, **options: Any) -> None:
    bucket(account, name, region, policy=_build_bucket_policy(account, name))
    as_root(
        world, account, region, "cloudtrail", "CreateTrail", Name=TRAIL_NAME, S3BucketName=name, **options
    )
    as_root(world, account, region, "cloudtrail", "StartLogging", Name=TRAIL_NAME)


def _create_writes_trail(world: World, account: str) -> None:
    """EventBridge tells only of calls that a trail logs."""
    region = TRAILS[0].region
    _create_trail(world, account, region, f"harbour-{account}-trail", IsMultiRegionTrail=True)
    as_root(
        world,
        account,
        region,
        "cloudtrail",
        "PutEventSelectors",
        TrailName=TRAIL_NAME,
        EventSelectors=[_WRITES],
    )


def _collect_events(world: World, account: str, region: str, consumers: list[str]) -> None:
    """The catalog's account and the consumers' send what changes in that region to one queue."""
    queue(account, QUEUE_NAME, region, policy=_allow_events(account, region))
    _put_rule(world, account, region, build_queue_arn(account, region))
    bus = f"arn:aws:events:{region}:{account}:event-bus/default"
    for consumer in consumers:
        as_root(
            world, account, region, "events", "PutPermission",
            StatementId=f"from-{consumer}", Action="events:PutEvents", Principal=consumer,
        )  # fmt: skip
        _put_rule(world, consumer, region, bus)


def _put_rule(world: World, account: str, region: str, target: str) -> None:
    as_root(world, account, region, "events", "PutRule", Name=RULE_NAME, EventPattern=_PATTERN)
    wanted = [{"Id": f"to-{region}", "Arn": target}]
    as_root(world, account, region, "events", "PutTargets", Rule=RULE_NAME, Targets=wanted)


def _allow_events(account: str, region: str) -> dict[str, Any]:
    service = {"Service": "events.amazonaws.com"}
    return _build_policy(service, [("sqs:SendMessage", build_queue_arn(account, region), {})])


def _build_bucket_policy(account: str, name: str) -> dict[str, Any]:
    whole = f"arn:aws:s3:::{name}"
    full = {"Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}}
    rules = [("s3:GetBucketAcl", whole, {}), ("s3:PutObject", f"{whole}/AWSLogs/{account}/*", full)]
    return _build_policy({"Service": "cloudtrail.amazonaws.com"}, rules)


def _build_policy(principal: dict[str, str], rules: list[tuple[str, str, dict[str, Any]]]) -> dict[str, Any]:
    statements = [
        {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource, **more}
        for action, resource, more in rules
    ]
    return {"Version": "2012-10-17", "Statement": statements}
