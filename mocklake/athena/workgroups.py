"""Workgroups: their settings, where queries write their results, and who may query where."""

import re
from copy import deepcopy
from typing import Any

from mocklake.athena.failures import invalid
from mocklake.athena.store import (
    PRIMARY,
    VERSIONS,
    WorkGroup,
    changed,
    engine_version,
    initial,
    require_in,
    store_of,
    workgroup_of,
    workgroups_of,
)
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller, require
from mocklake.paging import page_by_key
from mocklake.world import World

PAGE = 50
_NAME = re.compile(r"[a-zA-Z0-9._-]{1,128}")
TAGS_PAGE = 75
MOST = 50


def create_work_group(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    name = str(asked["Name"])
    with world.lock:
        require_in(caller, "CreateWorkGroup", name)
        groups = workgroups_of(world, caller)
        if not _NAME.fullmatch(name):
            raise invalid(f"{name} is no name of a workgroup.")
        if name in groups:
            raise invalid("WorkGroup is already created")
        settings = initial(asked.get("Configuration") or {})
        tags = {tag["Key"]: tag["Value"] for tag in asked.get("Tags", [])}
        groups[name] = WorkGroup(name, world.now(), settings, str(asked.get("Description", "")), tags=tags)
    return {}


def get_work_group(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        require_in(caller, "GetWorkGroup", str(asked["WorkGroup"]))
        group = workgroup_of(world, caller, str(asked["WorkGroup"]))
        return {"WorkGroup": _described(group) | {"Configuration": deepcopy(group.configuration)}}


def list_work_groups(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        require_in(caller, "ListWorkGroups", "*")
        groups = workgroups_of(world, caller)
        page, more = page_by_key(
            sorted(groups),
            lambda name: (
                _described(groups[name]) | {"EngineVersion": engine_version(groups[name].configuration)}
            ),
            token=asked.get("NextToken"),
            size=min(asked.get("MaxResults", PAGE), PAGE),
            code="InvalidRequestException",
        )
    return {"WorkGroups": page} | ({"NextToken": more} if more else {})


def update_work_group(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """What is not named stays."""
    with world.lock:
        require_in(caller, "UpdateWorkGroup", str(asked["WorkGroup"]))
        group = workgroup_of(world, caller, str(asked["WorkGroup"]))
        group.configuration = changed(group.configuration, asked.get("ConfigurationUpdates") or {})
        group.description = asked.get("Description", group.description)
        group.state = asked.get("State", group.state)
    return {}


def delete_work_group(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """One with queries, prepared or named ones too, goes only with them."""
    name = str(asked["WorkGroup"])
    with world.lock:
        require_in(caller, "DeleteWorkGroup", name)
        workgroup_of(world, caller, name)
        if name == PRIMARY:
            raise invalid("The primary workgroup cannot be deleted.")
        here, store = (caller.account, caller.region, name), store_of(world)
        inside = [key for key, one in store.executions.items() if one.place == here]
        named = [key for key, query in store.named_queries.items() if query.place == here]
        if (inside or named or store.prepared.get(here)) and not asked.get("RecursiveDeleteOption"):
            raise invalid(f"WorkGroup {name} is not empty")
        for key in inside:
            del store.executions[key]
        for key in named:
            del store.named_queries[key]
        store.prepared.pop(here, None)
        del workgroups_of(world, caller)[name]
    return {}


def list_engine_versions(world: World, caller: Caller, _asked: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        require(caller, "athena:ListEngineVersions", None)
    return {"EngineVersions": [dict(one) for one in VERSIONS]}


def _described(group: WorkGroup) -> dict[str, Any]:
    described = {"Description": group.description} if group.description else {}
    return {"Name": group.name, "State": group.state, "CreationTime": group.made_at} | described


def tag_resource(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        group = _group(world, caller, "TagResource", str(asked["ResourceARN"]))
        tags = group.tags | {tag["Key"]: tag.get("Value", "") for tag in asked["Tags"]}
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
        size=asked.get("MaxResults", TAGS_PAGE),
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
