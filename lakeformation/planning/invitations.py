"""Shares: what an expired or deleted one carried is granted again; a rejected invitation is reported."""

from collections.abc import Iterator, Mapping

from lakeformation.observation.reading import Invitation, InvitationState, Observation
from lakeformation.planning.desired import DesiredState, IntentSpec
from lakeformation.values.column_sets import ALL_COLUMNS, NO_COLUMNS, ColumnSet
from lakeformation.values.permissions import Permission, sort_permissions
from lakeformation.values.resource_links import Share
from lakeformation.values.shared_resources import list_shared_resources


def list_open_invitations(share: Share, observed: Observation) -> list[Invitation]:
    """To be accepted: of the share's sender, and for what Lake Formation names as the share of our permissions."""
    mine = (one for one in observed.invitations if one.share_arn in observed.named_shares)
    return [one for one in mine if one.state is InvitationState.OPEN and one.sender == share.sender.account]


def find_unreachable_intents(desired: DesiredState, observed: Observation) -> frozenset[int]:
    """The intents that want something which lies in a share that nobody can accept any more, whatever other shares
    of the pair were accepted.
    """
    closed = observed.list_closed_shares(InvitationState.EXPIRED, InvitationState.REJECTED)
    wanted = desired.wanted.permissions
    return frozenset(
        pk for arn in closed for one in observed.permissions_by_share[arn] for pk in wanted.get(one, ())
    )


def get_undelivered_reason(share: Share, desired: DesiredState, observed: Observation) -> str:
    """Why a share has not reached its receiver, as a sentence without its stop."""
    sender, receiver = share.sender.account, share.receiver
    if observed.list_closed_shares(InvitationState.REJECTED):
        words = "revoke this access and request it again to get another invitation"
        return f"{receiver} rejected the invitation of {sender}; {words}"
    if observed.list_closed_shares(InvitationState.EXPIRED):
        words = "its share contains permissions held outside the portal, which prevent another invitation"
        if any(list_revokes_for_new_invitation(desired, observed)):
            words = "another invitation is sent"
        return f"{receiver} did not accept the invitation of {sender} in time; {words}"
    for arn, status in sorted(observed.stopped_shares.items()):
        return f"RAM says {status} of the share {arn.rsplit('/', 1)[-1]} of {sender} with {receiver}"
    return f"waiting for the share of {sender} to reach {receiver}"


def list_revokes_for_new_invitation(
    desired: DesiredState, observed: Observation
) -> Iterator[tuple[Permission, ColumnSet, tuple[int, ...]]]:
    """What to revoke, with the intents that want it still: Lake Formation ends a share with its last permission, and
    for the next grant makes another one, with another invitation.

    Where a share carries anything of somebody else's making it would stay as it is, and nothing is touched.
    """
    for share in sorted(observed.list_closed_shares(InvitationState.EXPIRED)):
        rows = observed.permissions_by_share[share]
        if all(_is_ours(one, desired, observed) for one in rows):
            for one in sort_permissions(rows & desired.wanted.permissions.keys()):
                yield one, observed.held[one], desired.wanted.list_intents(one, ALL_COLUMNS)


def list_revokes_for_new_share(
    desired: DesiredState, observed: Observation, specs: Mapping[int, IntentSpec]
) -> Iterator[tuple[Permission, ColumnSet, tuple[int, ...]]]:
    """What to revoke, with the intents that want it still, as no share with the consumer holds its database or table any
    more: Lake Formation lists it, but it opens nothing. The next grant puts it into a share.
    """
    found: set[Permission] = set()
    for intent in {pk for intents in desired.wanted.shares.values() for pk in intents}:
        access = specs[intent].access
        lost = frozenset(observed.list_unshared(access))
        granted = (one for one, _columns in access.permissions if one.catalog == access.owner_catalog)
        found.update(
            one for one in granted if not one.passed_on_by and not lost.isdisjoint(list_shared_resources(one))
        )
    for permission in sort_permissions(found & desired.wanted.permissions.keys() & observed.held.keys()):
        intents = desired.wanted.list_intents(permission, ALL_COLUMNS)
        yield permission, observed.held[permission], intents


def _is_ours(permission: Permission, desired: DesiredState, observed: Observation) -> bool:
    justified = desired.wanted.get_columns(permission) | desired.former.get_columns(permission)
    return not observed.held.get(permission, NO_COLUMNS) - justified
