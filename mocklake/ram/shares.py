"""The life of a share: made, widened and narrowed by Lake Formation or by its owner, deleted by its owner.

Sources: Lake Formation Developer Guide, optimize-ram (version 1 makes a share for each grant, later ones put many
grants into a share and reuse it), cross-account-notes (outside the organisation an invitation must be accepted);
AWS's best-practices guide for Lake Formation (up to five shares a pair). When a new one of the five is begun is not
documented: here when the present one holds as many resources as the switch `resources_in_a_share` says, and the
fifth takes all the rest.

Lake Formation makes shares for its grants; whatever else an account shares by itself is only named here.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import choice
from string import ascii_uppercase, digits
from typing import Any
from uuid import uuid4

from mocklake import partitions
from mocklake.world import World

MOST_SHARES = 5
ALONE = "1"
"""The version that makes a share for each grant."""
DELETED_SHARE_SHOWN_FOR = timedelta(hours=2)
LAKE_FORMATION = "lakeformation"


@dataclass
class Association:
    """A principal's side of a share."""

    status: str
    external: bool
    created_at: datetime
    updated_at: datetime


@dataclass
class Share:
    """`principals` are account ids, organisations or IAM ARNs; a share made by Lake Formation has exactly one."""

    arn: str
    name: str
    owner: str
    region: str
    created_at: datetime
    updated_at: datetime
    maker: str = ""
    version: str = ""
    """The cross-account version by which Lake Formation made it."""
    allows_external: bool = True
    status: str = "ACTIVE"
    principals: dict[str, Association] = field(default_factory=dict)
    resources: dict[str, datetime] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def receiver(self) -> str:
        return next(iter(self.principals), "")

    @property
    def association(self) -> str:
        return next((principal.status for principal in self.principals.values()), "")

    @property
    def is_open(self) -> bool:
        """The receiver may use what is shared: invited and accepted, or of one organisation."""
        return self.is_open_to(self.receiver)

    def is_open_to(self, principal: str) -> bool:
        found = self.principals.get(principal)
        return self.status == "ACTIVE" and found is not None and found.status == "ASSOCIATED"


def widen_shares(
    world: World,
    *,
    region: str,
    owner: str,
    receiver: str,
    arns: Collection[str],
    version: str,
    own: str = "",
) -> Share:
    """A share of the pair with these resources in it, made (and the receiver invited) if there is none.

    `own` is the share that they are in already, if it is still there.
    """
    live = get_store(world).live.setdefault((region, owner, receiver), [])
    share = find_active(world, own) or _find_fitting(world, live, arns, version)
    if share is None:
        share = _make_for_grant(world, region=region, owner=owner, receiver=receiver, version=version)
        live.append(share)
    put_resources(world, share, arns)
    return share


def find_active(world: World, arn: str) -> Share | None:
    share = get_store(world).shares.get(arn)
    return share if share is not None and share.status == "ACTIVE" else None


def put_resources(world: World, share: Share, arns: Iterable[str]) -> None:
    now = world.now()
    for arn in arns:
        if arn not in share.resources:
            share.resources[arn] = now
            share.updated_at = now


def narrow_share(world: World, arn: str, *, arns: Iterable[str]) -> None:
    """Take these resources out of a share; the share goes with its last resource."""
    share = find_active(world, arn)
    if share is None:
        return
    for one in arns:
        share.resources.pop(one, None)
    share.updated_at = world.now()
    if not share.resources:
        delete_share(world, share)


def delete_share(world: World, share: Share) -> None:
    """The share stays readable as DELETED for a while; its invitations go at once."""
    store = get_store(world)
    share.status = "DELETED"
    share.updated_at = world.now()
    for principal, association in share.principals.items():
        association.status, association.updated_at = "DISASSOCIATED", share.updated_at
        pair = (share.region, share.owner, principal)
        store.live[pair] = [one for one in store.live.get(pair, ()) if one is not share]
    for arn in [arn for arn, invitation in store.invitations.items() if invitation.share is share]:
        del store.invitations[arn]


def list_between(world: World, *, region: str, owner: str, receiver: str) -> list[Share]:
    """Lake Formation's active shares from one account to a receiver."""
    return get_store(world).live.get((region, owner, receiver), [])


def is_open_for(world: World, share: Share, account: str) -> bool:
    meant = (principal for principal in share.principals if _means(world, share, principal, account))
    return share.owner != account and any(share.is_open_to(one) for one in meant)


def list_owners_sharing_with(world: World, account: str, region: str) -> list[str]:
    """Accounts whose open shares reach this account, in order."""
    here = (share for shares in get_store(world).live.values() for share in shares if share.region == region)
    return sorted({share.owner for share in here if is_open_for(world, share, account)})


def make_share(world: World, *, region: str, owner: str, name: str) -> Share:
    """An active share with nothing in it for nobody."""
    now, arn = world.now(), partitions.regional_arn("ram", region, owner, f"resource-share/{uuid4()}")
    share = get_store(world).shares[arn] = Share(arn, name, owner, region, now, now)
    return share


def invite_principal(world: World, share: Share, principal: str) -> Association:
    """Within an organisation that shares so at once, outside by an invitation."""
    now, inside = world.now(), _is_inside(world, share.owner, principal)
    invited = not (inside and get_store(world).shares_in_organisation)
    status = "ASSOCIATING" if invited else "ASSOCIATED"
    association = share.principals[principal] = Association(status, not inside, now, now)
    if invited:
        arn = partitions.regional_arn(
            "ram", share.region, share.owner, f"resource-share-invitation/{uuid4()}"
        )
        get_store(world).invitations[arn] = Invitation(arn, share, principal, now)
    return association


def get_account(principal: str) -> str:
    """The account of an account id or an IAM ARN; empty for organisations."""
    return principal if principal.isdigit() else principal.split(":")[4] if ":iam:" in principal else ""


def _find_fitting(world: World, live: list[Share], arns: Collection[str], version: str) -> Share | None:
    """None when a new share is due."""
    reused = [share for share in live if share.version != ALONE]
    if version == ALONE or not reused:
        return None
    fitting = (one for one in reused if _has_room(world, one, arns))
    return next(fitting, reused[-1] if len(reused) >= MOST_SHARES else None)


def _has_room(world: World, share: Share, arns: Collection[str]) -> bool:
    added = sum(arn not in share.resources for arn in arns)
    return not added or len(share.resources) + added <= world.switches.resources_in_a_share


def _make_for_grant(world: World, *, region: str, owner: str, receiver: str, version: str) -> Share:
    name = "".join(choice(ascii_uppercase + digits) for _ in range(10))
    share = make_share(world, region=region, owner=owner, name=f"LakeFormation-V{version}-{name}")
    share.maker, share.version = LAKE_FORMATION, version
    invite_principal(world, share, receiver)
    return share


def _is_inside(world: World, owner: str, principal: str) -> bool:
    if ":organizations:" in principal:
        return owner in world.organisation
    return world.same_organisation(owner, get_account(principal))


def _means(world: World, share: Share, principal: str, account: str) -> bool:
    if ":organizations:" in principal:
        return world.same_organisation(share.owner, account)
    return get_account(principal) == account


@dataclass
class Invitation:
    arn: str
    share: Share
    receiver: str
    sent_at: datetime
    status: str = "PENDING"

    def seen_status(self, world: World) -> str:
        """PENDING turns into EXPIRED by time alone."""
        until = self.sent_at + timedelta(hours=world.switches.invitation_hours)
        expired = self.status == "PENDING" and world.now() >= until
        return "EXPIRED" if expired else self.status


Pair = tuple[str, str, str]
"""(region, owner, receiver)"""


@dataclass
class Store:
    shares: dict[str, Share] = field(default_factory=dict)
    live: dict[Pair, list[Share]] = field(default_factory=dict)
    """Lake Formation's active shares, in the order of their making."""
    invitations: dict[str, Invitation] = field(default_factory=dict)
    shares_in_organisation: bool = True
    """Whether sharing with AWS Organizations is switched on: then no account inside needs an invitation."""
    answered: dict[tuple[str, str, str], tuple[Any, Any]] = field(default_factory=dict)
    """Parameters and answer by (account, operation, client token)."""


def new_store() -> Store:
    return Store()


def get_store(world: World) -> Store:
    store: Store = world.stores["ram"]
    return store
