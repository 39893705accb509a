"""Tags of trails."""

from typing import Any

from mocklake.cloudtrail.store import Trail, trail_of
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.world import World

MOST = 50


def add_tags(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    trail = _tagged(world, caller, params["ResourceId"])
    fresh = {one["Key"]: one.get("Value", "") for one in params["TagsList"]}
    if len(trail.tags | fresh) > MOST:
        raise AwsError("TagsLimitExceededException", f"A trail has at most {MOST} tags.")
    trail.tags |= fresh
    return {}


def remove_tags(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    trail = _tagged(world, caller, params["ResourceId"])
    for one in params["TagsList"]:
        trail.tags.pop(one["Key"], None)
    return {}


def list_tags(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    listed = []
    for named in params["ResourceIdList"]:
        tags = _tagged(world, caller, named).tags
        shown = [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
        listed.append({"ResourceId": named, "TagsList": shown})
    return {"ResourceTagList": listed}


def _tagged(world: World, caller: Caller, named: str) -> Trail:
    """Resources are named by ARN. Raises AwsError CloudTrailARNInvalidException or ResourceNotFoundException."""
    if not named.startswith("arn:"):
        raise AwsError("CloudTrailARNInvalidException", f"The ARN of the trail is not valid: {named}")
    try:
        return trail_of(world, caller.account, named)
    except AwsError as error:
        raise AwsError("ResourceNotFoundException", error.message) from error
