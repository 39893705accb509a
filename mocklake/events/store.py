"""Event buses, their rules and targets, by account and region; and what could not be delivered."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mocklake import partitions
from mocklake.errors import AwsError
from mocklake.events.patterns import Pattern
from mocklake.world import World

DEFAULT = "default"
FAILURES_KEPT = 200


@dataclass
class Rule:
    """`pattern` is None for a schedule, which mocklake keeps and never runs; `targets` by id, as they were given."""

    name: str
    body: dict[str, Any]
    pattern: Pattern | None
    state: str
    targets: dict[str, dict[str, Any]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class Bus:
    """`policy` are its statements by Sid."""

    account: str
    region: str
    name: str
    created_at: datetime
    body: dict[str, Any] = field(default_factory=dict)
    policy: dict[str, dict[str, Any]] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return self._arn(f"event-bus/{self.name}")

    def arn_of(self, rule: str) -> str:
        place = rule if self.name == DEFAULT else f"{self.name}/{rule}"
        return self._arn(f"rule/{place}")

    def _arn(self, resource: str) -> str:
        return partitions.regional_arn("events", self.region, self.account, resource)


@dataclass
class Held:
    """An event on its way. With `until_next` it is let past as soon as a later one of its account has gone by."""

    due: datetime
    account: str
    region: str
    event: dict[str, Any]
    until_next: bool = False


@dataclass
class Store:
    buses: dict[tuple[str, str], dict[str, Bus]] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)
    failures: deque[dict[str, str]] = field(default_factory=lambda: deque(maxlen=FAILURES_KEPT))
    """What AWS would only count as FailedInvocations: rule, target and reason."""


def new_store() -> Store:
    return Store()


def store_of(world: World) -> Store:
    store: Store = world.stores["events"]
    return store


def buses_of(world: World, account: str, region: str) -> dict[str, Bus]:
    """By name; every account has a default bus in every region."""
    buses = store_of(world).buses.setdefault((account, region), {})
    if DEFAULT not in buses:
        buses[DEFAULT] = Bus(account, region, DEFAULT, world.now())
    return buses


def bus_of(world: World, account: str, region: str, named: str | None) -> Bus:
    """By name or ARN. Raises AwsError ResourceNotFoundException."""
    name = (named or DEFAULT).rsplit("/", 1)[-1]
    bus = buses_of(world, account, region).get(name)
    if bus is None:
        raise AwsError("ResourceNotFoundException", f"Event bus {name} does not exist.")
    return bus


def rule_of(bus: Bus, name: str) -> Rule:
    """Raises AwsError ResourceNotFoundException."""
    rule = bus.rules.get(name)
    if rule is None:
        raise AwsError("ResourceNotFoundException", f"Rule {name} does not exist on EventBus {bus.name}.")
    return rule
