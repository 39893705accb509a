"""Shares, their resources and principals, and invitations, as either side reads and answers them."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.paging import page_by_key
from mocklake.ram.shares import (
    DELETED_SHARE_SHOWN_FOR,
    Association,
    Invitation,
    Share,
    get_account,
    get_store,
    is_open_for,
)
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
        for share in get_store(world).shares.values()
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
    share = get_store(world).shares.get(check_arn(arn))
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


def get_resource_shares(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """By name, status, tags and managed permission."""
    name, status = params.get("name"), params.get("resourceShareStatus")
    entries = (
        ((share.arn,), share_answer(share))
        for share in shown(world, caller, params)
        if name in (None, share.name) and status in (None, share.status) and _has_tags(share, params)
    )
    return page(params, "resourceShares", entries)


def get_resource_share_associations(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """The owner sees all; a receiver sees those of shares that it has accepted."""
    kind = params["associationType"]
    _check_filters(kind, params)
    rows = _ROWS[kind]
    both = [
        *shown(world, caller, params | {"resourceOwner": "SELF"}, lenient=True),
        *shown(world, caller, params | {"resourceOwner": "OTHER-ACCOUNTS"}, lenient=True),
    ]
    refuse_unknown(params, both)
    status = params.get("associationStatus")
    entity = params.get("resourceArn") or params.get("principal")
    entries = (
        entry
        for share in both
        for entry in rows(share)
        if status in (None, entry[1]["status"]) and entity in (None, entry[1]["associatedEntity"])
    )
    return page(params, "resourceShareAssociations", entries)


def list_resources(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    wanted, kind, principal = params.get("resourceArns"), params.get("resourceType"), params.get("principal")
    entries = (
        ((arn, share.arn), resource_answer(share, arn))
        for share in shown(world, caller, params)
        for arn in share.resources
        if share.status == "ACTIVE"
        and (not wanted or arn in wanted)
        and kind in (None, resource_type(arn))
        and (principal is None or principal in (*share.principals, share.owner))
        and params.get("resourceRegionScope", "ALL") != "GLOBAL"
    )
    return page(params, "resources", entries)


def list_principals(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """For SELF whom the shares reach; for OTHER-ACCOUNTS who shares with the caller."""
    wanted, resource, kind = params.get("principals"), params.get("resourceArn"), params.get("resourceType")
    entries = (
        ((share.arn, principal), answer)
        for share in shown(world, caller, params)
        for principal, answer in _other_side(share, is_own=params["resourceOwner"] == "SELF")
        if share.status == "ACTIVE"
        and (not wanted or principal in wanted)
        and (resource is None or resource in share.resources)
        and (kind is None or any(resource_type(arn) == kind for arn in share.resources))
    )
    return page(params, "principals", entries)


def _other_side(share: Share, *, is_own: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    for principal, association in share.principals.items():
        seen = principal if is_own else share.owner
        yield seen, principal_answer(share, seen, association)


def _check_filters(kind: str, params: dict[str, Any]) -> None:
    """InvalidParameterException for a principal beside resources, and the other way round (API reference)."""
    for wrong in {"RESOURCE": ("principal",), "PRINCIPAL": ("resourceArn",)}.get(
        kind, ("principal", "resourceArn")
    ):
        if wrong in params:
            text = f"You cannot specify {wrong} when the association type is {kind}."
            raise AwsError("InvalidParameterException", text)


def _has_tags(share: Share, params: dict[str, Any]) -> bool:
    """Raises AwsError InvalidParameterException for a filter without a key."""
    if any("tagKey" not in tag_filter for tag_filter in params.get("tagFilters", ())):
        raise AwsError("InvalidParameterException", "A tag filter must have a tagKey.")
    return all(
        tag_filter["tagKey"] in share.tags
        and (not tag_filter.get("tagValues") or share.tags[tag_filter["tagKey"]] in tag_filter["tagValues"])
        for tag_filter in params.get("tagFilters", ())
    )


def _principal_rows(share: Share) -> Iterator[Entry]:
    for principal in share.principals:
        yield (share.arn, principal), principal_association(share, principal)


def _resource_rows(share: Share) -> Iterator[Entry]:
    for arn in share.resources:
        yield (share.arn, arn), resource_association(share, arn)


def _source_rows(share: Share) -> Iterator[Entry]:
    """What a service may act for: no share here has any."""
    del share
    return iter(())


_ROWS = {"PRINCIPAL": _principal_rows, "RESOURCE": _resource_rows, "SOURCE": _source_rows}


def get_resource_share_invitations(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Only the receiver's; errors as the API reference lists them for unknown ARNs."""
    mine = _received_by(world, caller)
    wanted = [check_arn(arn) for arn in params.get("resourceShareInvitationArns", [])]
    for arn in wanted:
        if arn not in mine:
            raise _not_found(arn)
    shares = [check_arn(arn) for arn in params.get("resourceShareArns", [])]
    chosen = [
        arn
        for arn, invitation in sorted(mine.items())
        if (not wanted or arn in wanted) and (not shares or invitation.share.arn in shares)
    ]
    entries = (((arn,), as_answer(world, mine[arn])) for arn in chosen)
    return page(params, "resourceShareInvitations", entries)


def list_pending_invitation_resources(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """What a receiver would get: shown before it accepts."""
    arn = check_arn(params["resourceShareInvitationArn"])
    invitation = _received_by(world, caller).get(arn)
    if invitation is None:
        raise _not_found(arn)
    if not _is_dead(world, invitation):
        _refuse_decided(world, invitation)
    share = invitation.share
    entries = (
        ((resource,), resource_answer(share, resource, status="PENDING")) for resource in share.resources
    )
    return page(params, "resources", entries)


def accept_resource_share_invitation(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    return _decide(world, caller, params, status="ACCEPTED", association="ASSOCIATED")


def reject_resource_share_invitation(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """A rejected share stays closed until its owner deletes it and grants again."""
    return _decide(world, caller, params, status="REJECTED", association="FAILED")


def as_answer(world: World, invitation: Invitation) -> dict[str, Any]:
    return {
        "resourceShareInvitationArn": invitation.arn,
        "resourceShareName": invitation.share.name,
        "resourceShareArn": invitation.share.arn,
        "senderAccountId": invitation.share.owner,
        "receiverAccountId": get_account(invitation.receiver),
        "invitationTimestamp": invitation.sent_at,
        "status": _shown_status(world, invitation),
    }


def _decide(
    world: World, caller: Caller, params: dict[str, Any], *, status: str, association: str
) -> dict[str, Any]:
    arn = check_arn(params["resourceShareInvitationArn"])
    invitation = _received_by(world, caller).get(arn)
    if invitation is None:
        raise _not_found(arn)
    if _is_dead(world, invitation):
        return {"resourceShareInvitation": as_answer(world, invitation)}
    _refuse_decided(world, invitation)
    invitation.status = status
    reached = invitation.share.principals[invitation.receiver]
    reached.status, reached.updated_at = association, world.now()
    invitation.share.updated_at = world.now()
    return {"resourceShareInvitation": as_answer(world, invitation)}


def _is_dead(world: World, invitation: Invitation) -> bool:
    """Expired, though it does not look it (Security Lake User Guide): to answer it does nothing."""
    expired = invitation.seen_status(world) == "EXPIRED"
    return expired and world.switches.expired_invitations_stay_pending


def _shown_status(world: World, invitation: Invitation) -> str:
    return "PENDING" if _is_dead(world, invitation) else invitation.seen_status(world)


def _refuse_decided(world: World, invitation: Invitation) -> None:
    seen = invitation.seen_status(world)
    if seen != "PENDING":
        raise AwsError(
            f"ResourceShareInvitation{'' if seen == 'EXPIRED' else 'Already'}{seen.title()}Exception",
            f"Invitation {invitation.arn} is already {seen.lower()}.",
        )


def _received_by(world: World, caller: Caller) -> dict[str, Invitation]:
    return {
        arn: invitation
        for arn, invitation in get_store(world).invitations.items()
        if get_account(invitation.receiver) == caller.account and invitation.share.region == caller.region
    }


def _not_found(arn: str) -> AwsError:
    return AwsError("ResourceShareInvitationArnNotFoundException", f"Invitation {arn} could not be found.")
