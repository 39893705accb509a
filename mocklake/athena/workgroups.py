"""Workgroups: where queries write their results, and who may query where."""

import re
from copy import deepcopy
from typing import Any

from mocklake.athena.store import (
    PRIMARY,
    WorkGroup,
    invalid,
    require_in,
    store_of,
    workgroup_of,
    workgroups_of,
)
from mocklake.iam.callers import Caller
from mocklake.paging import page_by_key
from mocklake.world import World

PAGE = 50
_NAME = re.compile(r"[a-zA-Z0-9._-]{1,128}")


def create_work_group(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    name = str(asked["Name"])
    with world.lock:
        require_in(caller, "CreateWorkGroup", name)
        groups = workgroups_of(world, caller)
        if not _NAME.fullmatch(name):
            raise invalid(f"{name} is no name of a workgroup.")
        if name in groups:
            raise invalid("WorkGroup is already created")
        configuration = {"EnforceWorkGroupConfiguration": True} | deepcopy(asked.get("Configuration") or {})
        tags = {one["Key"]: one["Value"] for one in asked.get("Tags", [])}
        groups[name] = WorkGroup(
            name, world.now(), configuration, str(asked.get("Description", "")), tags=tags
        )
    return {}


def get_work_group(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        require_in(caller, "GetWorkGroup", str(asked["WorkGroup"]))
        group = workgroup_of(world, caller, str(asked["WorkGroup"]))
        return {"WorkGroup": _summary(group) | {"Configuration": deepcopy(group.configuration)}}


def list_work_groups(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        require_in(caller, "ListWorkGroups", "*")
        groups = workgroups_of(world, caller)
        page, more = page_by_key(
            sorted(groups),
            lambda name: _summary(groups[name]),
            token=asked.get("NextToken"),
            size=min(asked.get("MaxResults", PAGE), PAGE),
            code="InvalidRequestException",
        )
    return {"WorkGroups": page} | ({"NextToken": more} if more else {})


def update_work_group(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """What is not named stays; the place of results is replaced or removed."""
    with world.lock:
        require_in(caller, "UpdateWorkGroup", str(asked["WorkGroup"]))
        group = workgroup_of(world, caller, str(asked["WorkGroup"]))
        changes = deepcopy(asked.get("ConfigurationUpdates") or {})
        results = changes.pop("ResultConfigurationUpdates", {})
        kept = group.configuration.get("ResultConfiguration", {})
        if results.get("RemoveOutputLocation"):
            kept.pop("OutputLocation", None)
        kept |= {name: value for name, value in results.items() if not name.startswith("Remove")}
        group.configuration |= changes | ({"ResultConfiguration": kept} if kept else {})
        group.description = asked.get("Description", group.description)
        group.state = asked.get("State", group.state)
    return {}


def delete_work_group(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """One with queries goes only with them."""
    name = str(asked["WorkGroup"])
    with world.lock:
        require_in(caller, "DeleteWorkGroup", name)
        workgroup_of(world, caller, name)
        if name == PRIMARY:
            raise invalid("The primary workgroup cannot be deleted.")
        here = (caller.account, caller.region, name)
        executions = store_of(world).executions
        inside = [one.id for one in executions.values() if (one.account, one.region, one.workgroup) == here]
        if inside and not asked.get("RecursiveDeleteOption"):
            raise invalid(f"WorkGroup {name} is not empty")
        for one in inside:
            del executions[one]
        del workgroups_of(world, caller)[name]
    return {}


def _summary(group: WorkGroup) -> dict[str, Any]:
    described = {"Description": group.description} if group.description else {}
    return {"Name": group.name, "State": group.state, "CreationTime": group.made_at} | described
