"""The life of a share that Lake Formation makes: widened and narrowed by grants, deleted by its owner.

Behaviour from the Lake Formation developer guide (cross-account-notes, optimize-ram): shares are reused for
a pair of accounts; a receiver outside the organisation must accept an invitation once for each share.
"""

from collections.abc import Iterable
from secrets import choice
from string import ascii_uppercase, digits
from uuid import uuid4

from awsim.ram.store import Invitation, Share, store_of
from awsim.world import World


def widen(
    world: World, *, region: str, owner: str, receiver: str, arns: Iterable[str], version: str
) -> Share:
    """The pair's share with these resources in it, made (and the receiver invited) if there is none."""
    live = store_of(world).live
    share = live.get((region, owner, receiver))
    if share is None:
        share = _make(world, region=region, owner=owner, receiver=receiver, version=version)
        live[region, owner, receiver] = share
    now = world.now()
    for arn in arns:
        if arn not in share.resources:
            share.resources[arn] = now
            share.updated_at = now
    return share


def narrow(world: World, *, region: str, owner: str, receiver: str, arns: Iterable[str]) -> None:
    """Take these resources out of the pair's share; the share goes with its last resource."""
    share = store_of(world).live.get((region, owner, receiver))
    if share is None:
        return
    for arn in arns:
        share.resources.pop(arn, None)
    share.updated_at = world.now()
    if not share.resources:
        delete(world, share)


def delete(world: World, share: Share) -> None:
    """The share stays readable as DELETED for a while; its invitations go at once."""
    store = store_of(world)
    share.status = "DELETED"
    share.association = "DISASSOCIATED"
    share.updated_at = world.now()
    store.live.pop((share.region, share.owner, share.receiver), None)
    for arn in [arn for arn, invitation in store.invitations.items() if invitation.share is share]:
        del store.invitations[arn]


def find_live(world: World, *, region: str, owner: str, receiver: str) -> Share | None:
    return store_of(world).live.get((region, owner, receiver))


def is_for(world: World, share: Share, account: str) -> bool:
    """The share is directed at this account, by its id or through the organisation."""
    by_organisation = ":organizations:" in share.receiver and world.same_organisation(share.owner, account)
    return share.receiver == account or (by_organisation and share.owner != account)


def owners_sharing_with(world: World, account: str, region: str) -> list[str]:
    """Accounts whose open shares reach this account, in order."""
    shares = store_of(world).live.values()
    reaching = (share for share in shares if share.region == region and share.is_open)
    return sorted({share.owner for share in reaching if is_for(world, share, account)})


def _make(world: World, *, region: str, owner: str, receiver: str, version: str) -> Share:
    inside = ":organizations:" in receiver or world.same_organisation(owner, receiver)
    name = "".join(choice(ascii_uppercase + digits) for _ in range(10))
    now = world.now()
    share = Share(
        arn=f"arn:aws:ram:{region}:{owner}:resource-share/{uuid4()}",
        name=f"LakeFormation-V{version}-{name}",
        owner=owner,
        receiver=receiver,
        region=region,
        external=not inside,
        created_at=now,
        updated_at=now,
        association="ASSOCIATED" if inside else "ASSOCIATING",
    )
    store = store_of(world)
    store.shares[share.arn] = share
    if not inside:
        arn = f"arn:aws:ram:{region}:{owner}:resource-share-invitation/{uuid4()}"
        store.invitations[arn] = Invitation(arn=arn, share=share, sent_at=now)
    return share
