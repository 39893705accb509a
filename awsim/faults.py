"""Injected failures: throttling, an answer that is lost after its effect, latency.

A fault is for the next `count` calls that match, or, with `rate`, for that share of them until reset.
"""

import random
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from awsim.errors import AwsError

THROTTLED = {
    "lakeformation": "ThrottledException",
    "athena": "TooManyRequestsException",
    "s3": "SlowDown",
    "sts": "Throttling",
    "iam": "Throttling",
}
KINDS = ("throttle", "error", "lost", "latency")


@dataclass
class Fault:
    """Fields left empty match everything; `code` is the service's own throttling code unless given."""

    kind: str
    service: str = ""
    operation: str = ""
    account: str = ""
    code: str = ""
    count: int = 1
    rate: float = 0.0
    milliseconds: int = 0

    def matches(self, service: str, operation: str, account: str) -> bool:
        asked = ((self.service, service), (self.operation, operation), (self.account, account))
        return all(wanted in ("", got) for wanted, got in asked)

    def error(self, service: str) -> AwsError:
        code = self.code or THROTTLED.get(service, "ThrottlingException")
        message = "Rate exceeded" if self.kind == "throttle" else "refused by an injected fault"
        return AwsError(code, message, status=503 if service == "s3" else 400)


@dataclass
class Faults:
    """The faults in force; safe to use from several threads."""

    active: list[Fault] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def add(self, wanted: dict[str, Any]) -> Fault:
        """Raises ValueError or TypeError for an unknown kind or field."""
        fault = Fault(**wanted)
        if fault.kind not in KINDS:
            raise ValueError(f"a fault's kind is one of {', '.join(KINDS)}")
        with self._lock:
            self.active.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self.active.clear()

    def take(self, service: str, operation: str, account: str) -> list[Fault]:
        """The faults that befall this call; counted ones are used up by it."""
        with self._lock:
            struck = [
                one for one in self.active if one.matches(service, operation, account) and _strikes(one)
            ]
            for one in struck:
                one.count -= 0 if one.rate else 1
            self.active = [one for one in self.active if one.rate or one.count > 0]
            return struck


def _strikes(fault: Fault) -> bool:
    return random.random() < fault.rate if fault.rate else fault.count > 0
