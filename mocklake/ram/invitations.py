"""Invitations as their receiver sees and answers them."""

from typing import Any

from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.ram.lookups import check_arn, page, resource_answer
from mocklake.ram.shares import account_of
from mocklake.ram.store import Invitation, store_of
from mocklake.world import World


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
    entries = (((one,), resource_answer(share, one, status="PENDING")) for one in share.resources)
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
        "receiverAccountId": account_of(invitation.receiver),
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
        for arn, invitation in store_of(world).invitations.items()
        if account_of(invitation.receiver) == caller.account and invitation.share.region == caller.region
    }


def _not_found(arn: str) -> AwsError:
    return AwsError("ResourceShareInvitationArnNotFoundException", f"Invitation {arn} could not be found.")
