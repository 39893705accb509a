"""AWS Resource Access Manager: what Lake Formation's cross-account grants use, and shares of one's own beside them."""

from mocklake.ram import lookups, own_shares, permissions
from mocklake.ram.own_shares import Handler, once
from mocklake.ram.shares import Store, new_store

_ONCE: dict[str, Handler] = {
    "AcceptResourceShareInvitation": lookups.accept_resource_share_invitation,
    "AssociateResourceShare": own_shares.associate_resource_share,
    "CreateResourceShare": own_shares.create_resource_share,
    "DeleteResourceShare": own_shares.delete_resource_share,
    "DisassociateResourceShare": own_shares.disassociate_resource_share,
    "RejectResourceShareInvitation": lookups.reject_resource_share_invitation,
    "UpdateResourceShare": own_shares.update_resource_share,
}
"""Operations that take a client token."""
HANDLERS: dict[str, Handler] = {
    **{operation: once(operation, handler) for operation, handler in _ONCE.items()},
    "EnableSharingWithAwsOrganization": own_shares.enable_sharing_with_aws_organization,
    "GetPermission": permissions.get_permission,
    "GetResourcePolicies": permissions.get_resource_policies,
    "GetResourceShareAssociations": lookups.get_resource_share_associations,
    "GetResourceShareInvitations": lookups.get_resource_share_invitations,
    "GetResourceShares": lookups.get_resource_shares,
    "ListPendingInvitationResources": lookups.list_pending_invitation_resources,
    "ListPermissionVersions": permissions.list_permission_versions,
    "ListPermissions": permissions.list_permissions,
    "ListPrincipals": lookups.list_principals,
    "ListResourceSharePermissions": permissions.list_resource_share_permissions,
    "ListResourceTypes": permissions.list_resource_types,
    "ListResources": lookups.list_resources,
    "PromoteResourceShareCreatedFromPolicy": own_shares.promote_resource_share_created_from_policy,
    "TagResource": own_shares.tag_resource,
    "UntagResource": own_shares.untag_resource,
}

__all__ = ["HANDLERS", "Store", "new_store"]
