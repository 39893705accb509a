"""Tags of workgroups. Data catalogs have none here."""

from typing import Any

from mocklake.athena.failures import invalid
from mocklake.athena.store import WorkGroup, require_in, workgroups_of
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.paging import page_by_key
from mocklake.world import World

PAGE = 75
MOST = 50


def tag_resource(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        group = _group(world, caller, "TagResource", str(asked["ResourceARN"]))
        tags = group.tags | {one["Key"]: one.get("Value", "") for one in asked["Tags"]}
        if len(tags) > MOST:
            raise invalid(f"Too many tags: a resource has {MOST} at most.")
        group.tags = tags
    return {}


def untag_resource(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        group = _group(world, caller, "UntagResource", str(asked["ResourceARN"]))
        group.tags = {key: value for key, value in group.tags.items() if key not in asked["TagKeys"]}
    return {}


def list_tags_for_resource(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        tags = dict(_group(world, caller, "ListTagsForResource", str(asked["ResourceARN"])).tags)
    page, more = page_by_key(
        sorted(tags),
        lambda key: {"Key": key, "Value": tags[key]},
        token=asked.get("NextToken"),
        size=asked.get("MaxResults", PAGE),
        code="InvalidRequestException",
    )
    return {"Tags": page} | ({"NextToken": more} if more else {})


def _group(world: World, caller: Caller, operation: str, arn: str) -> WorkGroup:
    """Raises AwsError ResourceNotFoundException."""
    place, _, name = arn.rpartition(":workgroup/")
    require_in(caller, operation, name)
    parts = place.split(":")
    here = parts[2:3] == ["athena"] and parts[3:5] == [caller.region, caller.account]
    found = workgroups_of(world, caller).get(name) if here else None
    if found is None:
        raise AwsError("ResourceNotFoundException", f"Resource {arn} was not found")
    return found
