"""Named queries: texts that a workgroup keeps."""

import uuid
from typing import Any

from mocklake.athena.failures import invalid
from mocklake.athena.store import PRIMARY, NamedQuery, require_in, store_of, workgroup_of
from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.paging import page_by_key
from mocklake.world import World

PAGE = 50


def create_named_query(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """The same ClientRequestToken makes nothing twice."""
    group, token = str(asked.get("WorkGroup") or PRIMARY), str(asked.get("ClientRequestToken") or "")
    with world.lock:
        require_in(caller, "CreateNamedQuery", group)
        workgroup_of(world, caller, group)
        place, queries = (caller.account, caller.region, group), store_of(world).named_queries
        same = (one.id for one in queries.values() if token and (one.place, one.token) == (place, token))
        known = next(same, None)
        if known is not None:
            return {"NamedQueryId": known}
        new = NamedQuery(
            str(uuid.uuid4()),
            place,
            str(asked["Name"]),
            str(asked["Database"]),
            str(asked["QueryString"]),
            str(asked.get("Description", "")),
            token,
        )
        queries[new.id] = new
    return {"NamedQueryId": new.id}


def get_named_query(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        return {"NamedQuery": _described(_found(world, caller, "GetNamedQuery", str(asked["NamedQueryId"])))}


def batch_get_named_query(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    answers, missing = [], []
    with world.lock:
        for wanted in asked["NamedQueryIds"]:
            try:
                answers.append(_described(_found(world, caller, "BatchGetNamedQuery", wanted)))
            except AwsError as error:
                reason = {"ErrorCode": error.code, "ErrorMessage": error.message}
                missing.append({"NamedQueryId": wanted, **reason})
    return {"NamedQueries": answers, "UnprocessedNamedQueryIds": missing}


def list_named_queries(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    group = str(asked.get("WorkGroup") or PRIMARY)
    with world.lock:
        require_in(caller, "ListNamedQueries", group)
        workgroup_of(world, caller, group)
        here = (caller.account, caller.region, group)
        ids = sorted(one.id for one in store_of(world).named_queries.values() if one.place == here)
    page, more = page_by_key(
        ids,
        lambda key: key,
        token=asked.get("NextToken"),
        size=min(asked.get("MaxResults") or PAGE, PAGE),
        code="InvalidRequestException",
    )
    return {"NamedQueryIds": page} | ({"NextToken": more} if more else {})


def update_named_query(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        found = _found(world, caller, "UpdateNamedQuery", str(asked["NamedQueryId"]))
        found.name, found.sql = str(asked["Name"]), str(asked["QueryString"])
        found.description = str(asked.get("Description", found.description))
    return {}


def delete_named_query(world: World, caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    with world.lock:
        found = _found(world, caller, "DeleteNamedQuery", str(asked["NamedQueryId"]))
        del store_of(world).named_queries[found.id]
    return {}


def _found(world: World, caller: Caller, operation: str, wanted: str) -> NamedQuery:
    known = store_of(world).named_queries.get(wanted)
    is_here = known is not None and known.place[:2] == (caller.account, caller.region)
    require_in(caller, operation, known.place[2] if known and is_here else PRIMARY)
    if known is None or not is_here:
        raise invalid(f"NamedQuery {wanted} was not found")
    return known


def _described(query: NamedQuery) -> dict[str, Any]:
    described = {"Description": query.description} if query.description else {}
    return {
        "NamedQueryId": query.id,
        "Name": query.name,
        "Database": query.database,
        "QueryString": query.sql,
        "WorkGroup": query.place[2],
    } | described
