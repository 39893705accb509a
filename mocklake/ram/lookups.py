"""Which shares a caller can see, and how a share and what hangs on it are answered."""

import re
from collections.abc import Iterable
from typing import Any

from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.paging import page_by_key
from mocklake.ram.shares import is_open_for
from mocklake.ram.store import DELETED_SHARE_SHOWN_FOR, Association, Share, store_of
from mocklake.world import World

Entry = tuple[tuple[str, ...], dict[str, Any]]
PAGE_LIMIT = 500
ARN = re.compile(r"arn:aws[a-z-]*:ram:[a-z0-9-]+:\d{12}:resource-share(-invitation)?/.+")


def check_arn(arn: str) -> str:
    if not ARN.fullmatch(arn):
        raise AwsError("MalformedArnException", f"The specified ARN {arn} is not valid.")
    return arn


def shown(world: World, caller: Caller, params: dict[str, Any], *, lenient: bool = False) -> list[Share]:
    """Shares the caller owns, or that others opened to it; unknown share ARNs are an error unless lenient."""
    horizon = world.now() - DELETED_SHARE_SHOWN_FOR
    here = [
        share
        for share in store_of(world).shares.values()
        if share.region == caller.region and (share.status != "DELETED" or share.updated_at > horizon)
    ]
    if params["resourceOwner"] == "SELF":
        found = [share for share in here if share.owner == caller.account]
    else:
        found = [share for share in here if is_open_for(world, share, caller.account)]
    if not lenient:
        refuse_unknown(params, found)
    arns = params.get("resourceShareArns")
    return [share for share in found if not arns or share.arn in arns]


def own(world: World, caller: Caller, arn: str) -> Share:
    """UnknownResourceException unless the caller's account owns the share."""
    share = store_of(world).shares.get(check_arn(arn))
    if share is None or caller.account != share.owner or share.region != caller.region:
        raise unknown(arn)
    return share


def refuse_unknown(params: dict[str, Any], found: list[Share]) -> None:
    for arn in params.get("resourceShareArns", []):
        if all(share.arn != check_arn(arn) for share in found):
            raise unknown(arn)


def unknown(arn: str) -> AwsError:
    return AwsError("UnknownResourceException", f"ResourceShare {arn} could not be found.")


def page(params: dict[str, Any], member: str, entries: Iterable[Entry]) -> dict[str, Any]:
    by_key = {"/".join(key): answer for key, answer in entries}
    size = params.get("maxResults", PAGE_LIMIT)
    if not 1 <= size <= PAGE_LIMIT:
        raise AwsError("InvalidParameterException", f"maxResults must be between 1 and {PAGE_LIMIT}.")
    found, more = page_by_key(
        sorted(by_key),
        by_key.get,
        token=params.get("nextToken"),
        size=size,
        code="InvalidNextTokenException",
    )
    return {member: found} | ({"nextToken": more} if more else {})


def resource_type(arn: str) -> str:
    """`glue:Table` and the like; of other services by the ARN's own words (assumed)."""
    service, rest = arn.split(":")[2], arn.split(":", 5)[5]
    kind = rest.replace(":", "/").split("/", maxsplit=1)[0]
    return f"{service}:{''.join(part.title() for part in kind.split('-'))}"


def share_answer(share: Share) -> dict[str, Any]:
    tags = [{"key": key, "value": value} for key, value in sorted(share.tags.items())]
    return {
        "resourceShareArn": share.arn,
        "name": share.name,
        "owningAccountId": share.owner,
        "allowExternalPrincipals": share.allows_external,
        "status": share.status,
        "creationTime": share.created_at,
        "lastUpdatedTime": share.updated_at,
        "featureSet": "STANDARD",
    } | ({"tags": tags} if tags else {})


def principal_association(share: Share, principal: str) -> dict[str, Any]:
    one = share.principals[principal]
    times = {"creationTime": one.created_at, "lastUpdatedTime": one.updated_at}
    return _association(share, principal, "PRINCIPAL", one.status) | times | {"external": one.external}


def resource_association(share: Share, arn: str) -> dict[str, Any]:
    status = "ASSOCIATED" if share.status == "ACTIVE" else "DISASSOCIATED"
    made = share.resources[arn]
    times = {"creationTime": made, "lastUpdatedTime": made if share.status == "ACTIVE" else share.updated_at}
    return _association(share, arn, "RESOURCE", status) | times | {"external": False}


def _association(share: Share, entity: str, kind: str, status: str) -> dict[str, Any]:
    return {
        "resourceShareArn": share.arn,
        "resourceShareName": share.name,
        "associatedEntity": entity,
        "associationType": kind,
        "status": status,
    }


def resource_answer(share: Share, arn: str, *, status: str = "AVAILABLE") -> dict[str, Any]:
    return {
        "arn": arn,
        "type": resource_type(arn),
        "resourceShareArn": share.arn,
        "status": status,
        "creationTime": share.resources[arn],
        "lastUpdatedTime": share.resources[arn],
        "resourceRegionScope": "REGIONAL",
    }


def principal_answer(share: Share, principal: str, association: Association) -> dict[str, Any]:
    return {
        "id": principal,
        "resourceShareArn": share.arn,
        "creationTime": association.created_at,
        "lastUpdatedTime": association.updated_at,
        "external": association.external,
    }
