"""AWS Resource Access Manager, as far as Lake Formation's cross-account grants use it."""

from collections.abc import Callable
from typing import Any

from awsim.callers import Caller
from awsim.ram import invitations, views
from awsim.ram.store import Store, new_store
from awsim.world import World

HANDLERS: dict[str, Callable[[World, Caller, dict[str, Any]], dict[str, Any]]] = {
    "AcceptResourceShareInvitation": invitations.accept_resource_share_invitation,
    "DeleteResourceShare": views.delete_resource_share,
    "GetResourceShareAssociations": views.get_resource_share_associations,
    "GetResourceShareInvitations": invitations.get_resource_share_invitations,
    "GetResourceShares": views.get_resource_shares,
    "ListPrincipals": views.list_principals,
    "ListResources": views.list_resources,
    "RejectResourceShareInvitation": invitations.reject_resource_share_invitation,
}

__all__ = ["HANDLERS", "Store", "new_store"]
