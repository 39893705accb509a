"""How much each part of chaos does: `full` is what issue and goals say, `usual` ends within an hour, `quick` within a few minutes."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class PartSize:
    """`requests` are what the part counts: requests, times, histories, races, changes, tables."""

    requests: int
    kills: int = 0
    parallel_size: "PartSize | None" = None
    """What another process does meanwhile."""


FULL: Mapping[str, PartSize] = {
    "kills": PartSize(500, 500),
    "sweeps": PartSize(500, 500),
    "faults": PartSize(500),
    "outages": PartSize(500),
    "decisions": PartSize(50),
    "histories": PartSize(5000),
    "races": PartSize(10_000),
    "registrations": PartSize(300, 300),
    "sync": PartSize(10_000, 200, parallel_size=PartSize(100_000, 5)),
    "drift": PartSize(10_000),
}
USUAL: Mapping[str, PartSize] = {
    "kills": PartSize(500, 500),
    "sweeps": PartSize(100, 100),
    "faults": PartSize(200),
    "outages": PartSize(200),
    "decisions": PartSize(50),
    "histories": PartSize(1000),
    "races": PartSize(1000),
    "registrations": PartSize(60, 60),
    "sync": PartSize(2_000, 40),
    "drift": PartSize(3000),
}
QUICK: Mapping[str, PartSize] = {
    "kills": PartSize(10, 8),
    "sweeps": PartSize(6, 5),
    "faults": PartSize(6),
    "outages": PartSize(12),
    "decisions": PartSize(3),
    "histories": PartSize(4),
    "races": PartSize(6),
    "registrations": PartSize(6, 5),
    "sync": PartSize(450, 2),
    "drift": PartSize(20),
}
"""Still so much that every moment of a kill is looked for, and every class of changes is made."""
