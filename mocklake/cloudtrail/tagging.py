"""Tags of trails."""

from typing import Any

from mocklake.cloudtrail.store import trail_of
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.world import World

MOST = 50


def add_tags(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    trail = trail_of(world, caller.account, params["ResourceId"])
    fresh = {one["Key"]: one.get("Value", "") for one in params["TagsList"]}
    if len(trail.tags | fresh) > MOST:
        raise AwsError("TagsLimitExceededException", f"A trail has at most {MOST} tags.")
    trail.tags |= fresh
    return {}


def remove_tags(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    trail = trail_of(world, caller.account, params["ResourceId"])
    for one in params["TagsList"]:
        trail.tags.pop(one["Key"], None)
    return {}


def list_tags(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    listed = []
    for named in params["ResourceIdList"]:
        tags = trail_of(world, caller.account, named).tags
        shown = [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
        listed.append({"ResourceId": named, "TagsList": shown})
    return {"ResourceTagList": listed}
