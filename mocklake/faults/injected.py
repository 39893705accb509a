"""Ill manners on demand: throttling, errors, lost answers, latency, and what AWS does to writers and readers.

A fault is for the next `count` calls that match, or, with `rate`, for that share of them; those of `STANDING`
hold for all that match. All end with `clear`. Chance comes from a fault's own `seed`: the same calls in the
same order meet the same fate.
"""

import time
from collections.abc import Callable, Hashable
from dataclasses import asdict, dataclass, field
from random import Random
from threading import Lock
from typing import Any

from mocklake.errors import AwsError

THROTTLED = {
    "lakeformation": "ThrottledException",
    "athena": "TooManyRequestsException",
    "s3": "SlowDown",
    "sts": "Throttling",
    "iam": "Throttling",
}
AT_THE_DOOR = ("throttle", "error", "lost", "latency", "bucket", "unreachable")
"""Kinds that befall a call before its handler; the others need its parameters."""
OF_EVENTS = ("event_missing", "event_twice", "event_late", "event_overtaken")
"""Kinds that befall AWS's own events; their service is the event's source, their operation what it tells of."""
STANDING = ("bucket", "unreachable", "overlap", "partial", "delay", *OF_EVENTS)
KINDS = (*AT_THE_DOOR, "overlap", "partial", "delay", *OF_EVENTS)
_NUMBERS = ("count", "rate", "burst", "milliseconds", "seed")
INTERNAL = frozenset({"InternalServiceException", "InternalFailure", "ServerInternalException"})
"""Codes that AWS answers with status 500: the effect may have come about."""


@dataclass
class Fault:
    """Fields left empty match everything; `code` is the kind's own code unless given.

    `rate` is a share of calls (of entries for `partial`), for `bucket` tokens a second.
    """

    kind: str
    service: str = ""
    operation: str = ""
    account: str = ""
    code: str = ""
    count: int = 1
    rate: float = 0.0
    burst: float = 1
    milliseconds: int = 0
    seed: int = 0
    drops: bool = False
    """`unreachable` drops the connection instead of answering."""

    def __post_init__(self) -> None:
        """Raises ValueError when the fields do not make sense together."""
        _check(self)
        self.chance = Random(self.seed)
        self.buckets = TokenBuckets()

    @property
    def lasts(self) -> bool:
        return self.kind in STANDING or bool(self.rate) or self.count > 0

    def matches(self, service: str, operation: str, account: str) -> bool:
        asked = ((self.service, service), (self.operation, operation), (self.account, account))
        return all(wanted in ("", got) for wanted, got in asked)

    def strikes(self, service: str, operation: str, account: str, now: float) -> bool:
        if self.kind == "bucket":
            key = (account, service, operation)
            return not self.buckets.take(key, rate=self.rate, burst=self.burst, now=now)
        if self.kind in STANDING:
            return True
        if self.rate:
            return self.chance.random() < self.rate
        self.count -= 1
        return self.count >= 0

    def error(self, service: str) -> AwsError:
        if self.kind == "unreachable":
            code = "ServiceUnavailable" if service in ("s3", "sts", "iam") else "ServiceUnavailableException"
            return AwsError(self.code or code, "The service cannot be reached for this account", status=503)
        if self.kind != "error":
            return throttled(service, self.code)
        code = self.code or THROTTLED.get(service, "ThrottlingException")
        status = 503 if service == "s3" else 500 if code in INTERNAL else 400
        return AwsError(code, "refused by an injected fault", status=status)


@dataclass
class Faults:
    """The faults in force; safe to use from several threads."""

    active: list[Fault] = field(default_factory=list)
    clock: Callable[[], float] = time.monotonic
    _lock: Lock = field(default_factory=Lock, repr=False)

    def add(self, wanted: dict[str, Any]) -> Fault:
        """Raises ValueError or TypeError for an unknown kind or field."""
        fault = Fault(**wanted)
        with self._lock:
            self.active.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self.active.clear()

    def described(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(one) for one in self.active]

    def take(self, service: str, operation: str, account: str) -> list[Fault]:
        """The faults that befall this call at the door; counted ones are used up by it."""
        asked = (service, operation, account)
        with self._lock:
            now = self.clock()
            struck = [
                one
                for one in self.active
                if one.kind in AT_THE_DOOR and one.matches(*asked) and one.strikes(*asked, now)
            ]
            self.active = [one for one in self.active if one.lasts]
            return struck

    def standing(self, kind: str, service: str, operation: str, account: str) -> list[Fault]:
        with self._lock:
            return [
                one for one in self.active if one.kind == kind and one.matches(service, operation, account)
            ]

    def draw(self, fault: Fault, number: int) -> list[bool]:
        """For each of so many entries, whether it is struck."""
        with self._lock:
            return [fault.chance.random() < fault.rate for _ in range(number)]


def throttled(service: str, code: str = "") -> AwsError:
    code = code or THROTTLED.get(service, "ThrottlingException")
    status = 503 if service == "s3" else 500 if code in INTERNAL else 400
    return AwsError(code, "Rate exceeded", status=status)


def _check(fault: Fault) -> None:
    if fault.kind not in KINDS:
        raise ValueError(f"a fault's kind is one of {', '.join(KINDS)}")
    for name in _NUMBERS:
        value = getattr(fault, name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            raise ValueError(f"{name} is a number from 0 on")
    if fault.kind != "bucket" and fault.rate > 1:
        raise ValueError("rate is a share from 0 to 1")
    if fault.kind == "bucket" and fault.burst < 1:
        raise ValueError("a bucket's burst is 1 or more")
    needed = {
        "partial": "rate",
        "unreachable": "account",
        "delay": "milliseconds",
        "event_late": "milliseconds",
    }.get(fault.kind)
    if needed and not getattr(fault, needed):
        raise ValueError(f"a fault of kind {fault.kind} needs {needed}")


@dataclass
class TokenBuckets:
    """Not safe for several threads: the caller holds a lock."""

    levels: dict[Hashable, tuple[float, float]] = field(default_factory=dict)
    """By key the tokens that were left, and when."""

    def take(self, key: Hashable, *, rate: float, burst: float, now: float) -> bool:
        """False when the bucket is empty."""
        left, since = self.levels.get(key, (burst, now))
        left = min(burst, left + max(0.0, now - since) * rate)
        self.levels[key] = (left - 1 if left >= 1 else left, now)
        return left >= 1
