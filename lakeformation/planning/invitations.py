"""Share invitations: what lies in an expired one is granted anew; a rejected one is reported."""

from collections.abc import Iterator

from lakeformation.observation.reading import Invitation, Observation, Standing
from lakeformation.planning.desired import Desired
from lakeformation.values.column_sets import EVERY, NONE, ColumnSet
from lakeformation.values.permissions import Permission, in_order
from lakeformation.values.resource_links import Share


def expected(share: Share, observed: Observation) -> list[Invitation]:
    """To be accepted: of the share's sender, and for what Lake Formation names as the share of our permissions."""
    mine = (one for one in observed.invitations if one.share_arn in observed.carried)
    return [one for one in mine if one.standing is Standing.OPEN and one.sender == share.sender.account]


def unreached(desired: Desired, observed: Observation) -> frozenset[int]:
    """The intents that want something which lies in a share that nobody can accept any more, whatever other shares
    of the pair were accepted.
    """
    closed = observed.closed(Standing.OVER, Standing.REJECTED)
    wanted = desired.wanted.permissions
    return frozenset(pk for arn in closed for one in observed.rows_in[arn] for pk in wanted.get(one, ()))


def not_delivered(share: Share, desired: Desired, observed: Observation) -> str:
    """Why a share has not reached its receiver, as a sentence without its stop."""
    sender, receiver = share.sender.account, share.receiver
    if observed.closed(Standing.REJECTED):
        words = "revoke this access and request it again to get another invitation"
        return f"{receiver} rejected the invitation of {sender}; {words}"
    if observed.closed(Standing.OVER):
        words = "its share contains permissions held outside the portal, which prevent another invitation"
        if any(closed_to_invite_anew(desired, observed)):
            words = "another invitation is sent"
        return f"{receiver} did not accept the invitation of {sender} in time; {words}"
    return f"waiting for the share of {sender} to reach {receiver}"


def closed_to_invite_anew(
    desired: Desired, observed: Observation
) -> Iterator[tuple[Permission, ColumnSet, tuple[int, ...]]]:
    """What to revoke, with the intents that want it still: Lake Formation ends a share with its last permission, and
    for the next grant makes another one, with another invitation.

    Where a share carries anything of somebody else's making it would stay as it is, and nothing is touched.
    """
    for share in sorted(observed.closed(Standing.OVER)):
        rows = observed.rows_in[share]
        if all(_is_ours(one, desired, observed) for one in rows):
            for one in in_order(rows & desired.wanted.permissions.keys()):
                yield one, observed.held[one], desired.wanted.intents(one, EVERY)


def _is_ours(permission: Permission, desired: Desired, observed: Observation) -> bool:
    justified = desired.wanted.columns(permission) | desired.former.columns(permission)
    return not observed.held.get(permission, NONE) - justified
