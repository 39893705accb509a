"""The managed permissions that a share carries, the kinds of resources, and the policies behind a share.

Source: RAM User Guide and the CLI's examples for names; Lake Formation Developer Guide for those that Lake Formation
attaches since July 2023. Only Glue's kinds are known here. Assumed: the actions in a permission's text, and that every
one stands at version 1.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.ram.lookups import Entry, own, page, resource_type, shown
from mocklake.ram.shares import Share
from mocklake.world import World

SINCE = datetime(2023, 6, 27, 17, 5, tzinfo=UTC)
CATALOG, DATABASE, TABLE = "glue:Catalog", "glue:Database", "glue:Table"


@dataclass(frozen=True)
class Permission:
    """`actions` are what it lets the receiver do, by IAM's names."""

    name: str
    kind: str
    actions: tuple[str, ...]
    is_default: bool = False


_ON_DATABASE = ("glue:GetDatabase", "glue:GetDatabases")
_ON_TABLE = (
    "glue:GetTable",
    "glue:GetTables",
    "glue:GetTableVersions",
    "glue:GetPartitions",
    "glue:SearchTables",
)
ALL = {
    one.name: one
    for one in (
        Permission(
            "AWSRAMDefaultPermissionGlueCatalog", CATALOG, (*_ON_DATABASE, *_ON_TABLE), is_default=True
        ),
        Permission(
            "AWSRAMDefaultPermissionGlueDatabase", DATABASE, (*_ON_DATABASE, *_ON_TABLE), is_default=True
        ),
        Permission("AWSRAMDefaultPermissionGlueTable", TABLE, _ON_TABLE, is_default=True),
        Permission("AWSRAMLFEnabledGlueDatabaseReadWrite", DATABASE, _ON_DATABASE),
        Permission("AWSRAMLFEnabledGlueAllTablesReadWriteForDatabase", DATABASE, (*_ON_DATABASE, *_ON_TABLE)),
        Permission("AWSRAMLFEnabledGlueTableReadWrite", TABLE, _ON_TABLE),
    )
}
_CARRIED = {
    CATALOG: "AWSRAMDefaultPermissionGlueCatalog",
    DATABASE: "AWSRAMLFEnabledGlueDatabaseReadWrite",
    TABLE: "AWSRAMLFEnabledGlueTableReadWrite",
}


def list_permissions(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """AWS's own; an account has none of its own making here."""
    del world
    kind = params.get("resourceType")
    given = {} if params.get("permissionType") == "CUSTOMER_MANAGED" else ALL
    chosen = (one for one in given.values() if kind in (None, one.kind))
    return page(params, "permissions", (((one.name,), _summary(one, caller)) for one in chosen))


def list_permission_versions(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    del world
    found = _find(caller, params["permissionArn"])
    return page(params, "permissions", [((found.name,), _summary(found, caller))])


def get_permission(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """UnknownResourceException for a name or version that there is not."""
    del world
    found = _find(caller, params["permissionArn"])
    if params.get("permissionVersion", 1) != 1:
        raise AwsError(
            "UnknownResourceException", f"Permission {params['permissionArn']} has no such version."
        )
    text = json.dumps({"Effect": "Allow", "Action": list(found.actions)})
    return {"permission": _summary(found, caller) | {"permission": text}}


def list_resource_share_permissions(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """One for each kind of resource in the share."""
    arn = params["resourceShareArn"]
    share = next((one for one in _seen(world, caller) if one.arn == arn), None) or own(world, caller, arn)
    entries = (((one.name,), _summary(one, caller) | {"status": "ASSOCIATED"}) for one in _carried(share))
    return page(params, "permissions", entries)


def list_resource_types(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    del world, caller
    scope = params.get("resourceRegionScope", "ALL")
    kinds = () if scope == "GLOBAL" else (CATALOG, DATABASE, TABLE)
    return page(params, "resourceTypes", (((kind,), _type_answer(kind)) for kind in kinds))


def get_resource_policies(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Answers for each resource that the caller shares: its ARN and whom it reaches; ResourceArnNotFoundException else."""
    shares = shown(world, caller, {"resourceOwner": "SELF"})
    for arn in params["resourceArns"]:
        if not any(arn in share.resources for share in shares):
            raise AwsError("ResourceArnNotFoundException", f"The resource {arn} could not be found.")
    answer = page(params, "policies", _policies(shares, params))
    return answer | {"policies": [policy["text"] for policy in answer["policies"]]}


def _policies(shares: list[Share], params: dict[str, Any]) -> Iterator[Entry]:
    principal = params.get("principal")
    for share in shares:
        for arn in params["resourceArns"]:
            reached = [one for one in share.principals if principal in (None, one)]
            if arn in share.resources and reached and share.status == "ACTIVE":
                yield (arn, share.arn), {"text": _policy(arn, reached)}


def _policy(arn: str, principals: list[str]) -> str:
    actions = list(ALL[_CARRIED[resource_type(arn)]].actions) if resource_type(arn) in _CARRIED else ["*"]
    rule = {"Effect": "Allow", "Principal": {"AWS": principals}, "Action": actions, "Resource": arn}
    return json.dumps({"Version": "2012-10-17", "Statement": [rule]})


def _seen(world: World, caller: Caller) -> list[Share]:
    return shown(world, caller, {"resourceOwner": "OTHER-ACCOUNTS"})


def _carried(share: Share) -> list[Permission]:
    kinds = {resource_type(arn) for arn in share.resources}
    return [ALL[name] for kind, name in _CARRIED.items() if kind in kinds]


def _prefix(caller: Caller) -> str:
    return f"arn:{caller.partition}:ram::aws:permission/"


def _find(caller: Caller, arn: str) -> Permission:
    if not arn.startswith(f"arn:{caller.partition}:ram:"):
        raise AwsError("MalformedArnException", f"The specified ARN {arn} is not valid.")
    found = ALL.get(arn.removeprefix(_prefix(caller)))
    if found is None:
        raise AwsError("UnknownResourceException", f"Permission {arn} could not be found.")
    return found


def _summary(one: Permission, caller: Caller) -> dict[str, Any]:
    return {
        "arn": _prefix(caller) + one.name,
        "version": "1",
        "defaultVersion": True,
        "name": one.name,
        "resourceType": one.kind,
        "status": "ATTACHABLE",
        "creationTime": SINCE,
        "lastUpdatedTime": SINCE,
        "isResourceTypeDefault": one.is_default,
        "permissionType": "AWS_MANAGED",
        "featureSet": "STANDARD",
    }


def _type_answer(kind: str) -> dict[str, Any]:
    return {"resourceType": kind, "serviceName": "glue", "resourceRegionScope": "REGIONAL"}
