"""Resource shares and invitations of every account, and whether the organisation shares without them.

Lake Formation makes shares for its grants; whatever else an account shares by itself is only named here.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mocklake.world import World

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
        return next((one.status for one in self.principals.values()), "")

    @property
    def is_open(self) -> bool:
        """The receiver may use what is shared: invited and accepted, or of one organisation."""
        return self.is_open_to(self.receiver)

    def is_open_to(self, principal: str) -> bool:
        found = self.principals.get(principal)
        return self.status == "ACTIVE" and found is not None and found.status == "ASSOCIATED"


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


def store_of(world: World) -> Store:
    store: Store = world.stores["ram"]
    return store
