"""Workgroups: their settings, where queries write their results, and who may query where."""

import re
from copy import deepcopy
from typing import Any

from mocklake.athena.failures import invalid
from mocklake.athena.store import PRIMARY, WorkGroup, require_in, store_of, workgroup_of, workgroups_of
from mocklake.athena.workgroup_settings import VERSIONS, changed, engine_version, initial
from mocklake.iam.callers import Caller, require
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
        settings = initial(asked.get("Configuration") or {})
        tags = {one["Key"]: one["Value"] for one in asked.get("Tags", [])}
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
