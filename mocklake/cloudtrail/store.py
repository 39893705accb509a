"""Trails, what they still have to deliver, and the history that LookupEvents reads."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mocklake import partitions
from mocklake.errors import AwsError
from mocklake.world import World

WRITES_KEPT, READS_KEPT = 4_000, 1_000
PENDING_KEPT = 20_000
INTERVAL_SECONDS = 5.0
ALL_MANAGEMENT: list[dict[str, Any]] = [
    {
        "ReadWriteType": "All",
        "IncludeManagementEvents": True,
        "DataResources": [],
        "ExcludeManagementEventSources": [],
    }
]


@dataclass
class Trail:
    """`pending` are records, as JSON, that lie in no file yet, by the region they are of."""

    name: str
    account: str
    region: str
    bucket: str
    prefix: str
    multi_region: bool
    global_events: bool
    selectors: list[dict[str, Any]] = field(default_factory=lambda: list(ALL_MANAGEMENT))
    tags: dict[str, str] = field(default_factory=dict)
    logging: bool = False
    started: datetime | None = None
    stopped: datetime | None = None
    delivered: datetime | None = None
    attempted: datetime | None = None
    error: str = ""
    pending: dict[str, deque[str]] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return partitions.regional_arn("cloudtrail", self.region, self.account, f"trail/{self.name}")

    def is_seen_in(self, region: str) -> bool:
        return self.multi_region or self.region == region


@dataclass(frozen=True)
class Remembered:
    """A management event of the history; `record` is JSON."""

    account: str
    region: str
    record: str


@dataclass
class Store:
    """`due` is when the next log files are to be delivered; None while nothing is pending."""

    trails: dict[tuple[str, str], Trail] = field(default_factory=dict)
    """By account and name."""
    writes: deque[Remembered] = field(default_factory=lambda: deque(maxlen=WRITES_KEPT))
    reads: deque[Remembered] = field(default_factory=lambda: deque(maxlen=READS_KEPT))
    fresh: list[dict[str, Any]] = field(default_factory=list)
    """Records that a trail logs and EventBridge has not been told of."""
    interval_seconds: float = INTERVAL_SECONDS
    due: datetime | None = None


def new_store() -> Store:
    return Store()


def store_of(world: World) -> Store:
    store: Store = world.stores["cloudtrail"]
    return store


def trails_of(world: World, account: str, region: str) -> list[Trail]:
    """Lists the trails that are seen in the region: its own and those of all regions."""
    trails = store_of(world).trails
    found = [one for (owner, _), one in trails.items() if owner == account and one.is_seen_in(region)]
    return sorted(found, key=lambda one: one.name)


def trail_of(world: World, account: str, named: str) -> Trail:
    """By name or ARN. Raises AwsError TrailNotFoundException."""
    found = store_of(world).trails.get((account, named.rsplit("/", 1)[-1]))
    if found is None or (named.startswith("arn:") and found.arn != named):
        raise AwsError("TrailNotFoundException", f"Unknown trail: {named} for the user: {account}")
    return found
