"""Tags of rules and event buses."""

from typing import Any

from mocklake.errors import AwsError
from mocklake.events.store import DEFAULT, bus_of, rule_of
from mocklake.iam.callers import Caller
from mocklake.world import World

MOST = 50


def tag_resource(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    tags = _tags(world, caller, params["ResourceARN"])
    fresh = {one["Key"]: one["Value"] for one in params["Tags"]}
    if len(tags | fresh) > MOST:
        raise AwsError("ValidationException", f"A resource has at most {MOST} tags.")
    tags.update(fresh)
    return {}


def untag_resource(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    tags = _tags(world, caller, params["ResourceARN"])
    for key in params["TagKeys"]:
        tags.pop(key, None)
    return {}


def list_tags_for_resource(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    tags = _tags(world, caller, params["ResourceARN"])
    return {"Tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())]}


def _tags(world: World, caller: Caller, arn: str) -> dict[str, str]:
    kind, _, path = arn.rsplit(":", 1)[-1].partition("/")
    if kind == "event-bus":
        return bus_of(world, caller.account, caller.region, path).tags
    bus, _, name = path.rpartition("/")
    return rule_of(bus_of(world, caller.account, caller.region, bus or DEFAULT), name).tags
