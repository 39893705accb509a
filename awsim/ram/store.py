"""Resource shares and invitations of every account.

Only Lake Formation makes shares here: one a region for each pair of granting and receiving account.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from awsim.world import World

INVITATION_LIFETIME = timedelta(days=7)
DELETED_SHARE_SHOWN_FOR = timedelta(hours=2)


@dataclass
class Share:
    """`receiver` is an account id or an organisation's ARN; `association` is the receiver's side of it."""

    arn: str
    name: str
    owner: str
    receiver: str
    region: str
    external: bool
    created_at: datetime
    updated_at: datetime
    association: str = "ASSOCIATING"
    status: str = "ACTIVE"
    resources: dict[str, datetime] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """The receiver may use what is shared: invited and accepted, or of one organisation."""
        return self.status == "ACTIVE" and self.association == "ASSOCIATED"


@dataclass
class Invitation:
    arn: str
    share: Share
    sent_at: datetime
    status: str = "PENDING"

    def seen_status(self, now: datetime) -> str:
        """PENDING turns into EXPIRED by time alone."""
        expired = self.status == "PENDING" and now >= self.sent_at + INVITATION_LIFETIME
        return "EXPIRED" if expired else self.status


@dataclass
class Store:
    shares: dict[str, Share] = field(default_factory=dict)
    live: dict[tuple[str, str, str], Share] = field(default_factory=dict)
    """The active share by (region, owner, receiver)."""
    invitations: dict[str, Invitation] = field(default_factory=dict)


def new_store() -> Store:
    return Store()


def store_of(world: World) -> Store:
    store: Store = world.stores["ram"]
    return store
