"""Shares, their resources and principals as either side reads them, and deletion by the owner."""

from collections.abc import Iterable, Iterator
from typing import Any

from awsim.callers import Caller
from awsim.errors import AwsError
from awsim.paging import page_by_key
from awsim.ram.invitations import check_arn
from awsim.ram.shares import delete, is_for
from awsim.ram.store import DELETED_SHARE_SHOWN_FOR, Share, store_of
from awsim.world import World

Entry = tuple[tuple[str, ...], dict[str, Any]]


def get_resource_shares(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    name, status = params.get("name"), params.get("resourceShareStatus")
    return _page(
        params,
        "resourceShares",
        (
            ((share.arn,), _share_answer(share))
            for share in _shares(world, caller, params)
            if name in (None, share.name) and status in (None, share.status)
        ),
    )


def get_resource_share_associations(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """The owner sees all; a receiver sees those of shares that it has accepted."""
    rows = _principal_rows if params["associationType"] == "PRINCIPAL" else _resource_rows
    both = [
        *_shares(world, caller, params | {"resourceOwner": "SELF"}, lenient=True),
        *_shares(world, caller, params | {"resourceOwner": "OTHER-ACCOUNTS"}, lenient=True),
    ]
    _refuse_unknown(params, both)
    status = params.get("associationStatus")
    entity = params.get("resourceArn") or params.get("principal")
    entries = (
        entry
        for share in both
        for entry in rows(share)
        if status in (None, entry[1]["status"]) and entity in (None, entry[1]["associatedEntity"])
    )
    return _page(params, "resourceShareAssociations", entries)


def list_resources(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    wanted, kind, principal = params.get("resourceArns"), params.get("resourceType"), params.get("principal")
    entries = (
        ((arn, share.arn), _resource_answer(share, arn))
        for share in _shares(world, caller, params)
        for arn in share.resources
        if share.status == "ACTIVE"
        and (not wanted or arn in wanted)
        and kind in (None, resource_type(arn))
        and principal in (None, share.receiver, share.owner)
    )
    return _page(params, "resources", entries)


def list_principals(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """For SELF whom the shares reach; for OTHER-ACCOUNTS who shares with the caller."""
    own = params["resourceOwner"] == "SELF"
    wanted, resource = params.get("principals"), params.get("resourceArn")
    entries: Iterator[Entry] = (
        ((share.arn,), _principal_answer(share, share.receiver if own else share.owner))
        for share in _shares(world, caller, params)
        if share.status == "ACTIVE"
        and (not wanted or (share.receiver if own else share.owner) in wanted)
        and (resource is None or resource in share.resources)
    )
    return _page(params, "principals", entries)


def delete_resource_share(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Closes every cross-account grant of the pair; Lake Formation's rows stay and must be granted again."""
    share = store_of(world).shares.get(check_arn(params["resourceShareArn"]))
    if share is None or caller.account != share.owner or share.region != caller.region:
        raise _unknown(params["resourceShareArn"])
    if share.status != "DELETED":
        delete(world, share)
    answer: dict[str, Any] = {"returnValue": True}
    return answer | {name: params[name] for name in ("clientToken",) if name in params}


def resource_type(arn: str) -> str:
    kind = arn.split(":")[5].split("/", maxsplit=1)[0]
    return {"catalog": "glue:Catalog", "database": "glue:Database", "table": "glue:Table"}[kind]


def _shares(world: World, caller: Caller, params: dict[str, Any], *, lenient: bool = False) -> list[Share]:
    """Shares the caller owns, or that others opened to it; unknown share ARNs are an error unless lenient."""
    horizon = world.now() - DELETED_SHARE_SHOWN_FOR
    shown = [
        share
        for share in store_of(world).shares.values()
        if share.region == caller.region and (share.status != "DELETED" or share.updated_at > horizon)
    ]
    if params["resourceOwner"] == "SELF":
        found = [share for share in shown if share.owner == caller.account]
    else:
        found = [share for share in shown if share.is_open and is_for(world, share, caller.account)]
    if not lenient:
        _refuse_unknown(params, found)
    arns = params.get("resourceShareArns")
    return [share for share in found if not arns or share.arn in arns]


def _refuse_unknown(params: dict[str, Any], found: list[Share]) -> None:
    for arn in params.get("resourceShareArns", []):
        if all(share.arn != check_arn(arn) for share in found):
            raise _unknown(arn)


def _unknown(arn: str) -> AwsError:
    return AwsError("UnknownResourceException", f"ResourceShare {arn} could not be found.")


def _page(params: dict[str, Any], member: str, entries: Iterable[Entry]) -> dict[str, Any]:
    by_key = {"/".join(key): answer for key, answer in entries}
    page, more = page_by_key(
        sorted(by_key),
        by_key.get,
        token=params.get("nextToken"),
        size=params.get("maxResults", 500),
        code="InvalidNextTokenException",
    )
    return {member: page} | ({"nextToken": more} if more else {})


def _share_answer(share: Share) -> dict[str, Any]:
    return {
        "resourceShareArn": share.arn,
        "name": share.name,
        "owningAccountId": share.owner,
        "allowExternalPrincipals": True,
        "status": share.status,
        "creationTime": share.created_at,
        "lastUpdatedTime": share.updated_at,
        "featureSet": "STANDARD",
    }


def _association(share: Share, entity: str, kind: str, status: str) -> dict[str, Any]:
    return {
        "resourceShareArn": share.arn,
        "resourceShareName": share.name,
        "associatedEntity": entity,
        "associationType": kind,
        "status": status,
        "creationTime": share.created_at,
        "lastUpdatedTime": share.updated_at,
        "external": share.external,
    }


def _principal_rows(share: Share) -> Iterator[Entry]:
    yield (share.arn,), _association(share, share.receiver, "PRINCIPAL", share.association)


def _resource_rows(share: Share) -> Iterator[Entry]:
    status = "ASSOCIATED" if share.status == "ACTIVE" else "DISASSOCIATED"
    for arn in share.resources:
        yield (share.arn, arn), _association(share, arn, "RESOURCE", status)


def _resource_answer(share: Share, arn: str) -> dict[str, Any]:
    return {
        "arn": arn,
        "type": resource_type(arn),
        "resourceShareArn": share.arn,
        "status": "AVAILABLE",
        "creationTime": share.resources[arn],
        "lastUpdatedTime": share.resources[arn],
        "resourceRegionScope": "REGIONAL",
    }


def _principal_answer(share: Share, principal: str) -> dict[str, Any]:
    return {
        "id": principal,
        "resourceShareArn": share.arn,
        "creationTime": share.created_at,
        "lastUpdatedTime": share.updated_at,
        "external": share.external,
    }
