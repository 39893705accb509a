"""How much each part of chaos does: `full` is what issue and goals say, `usual` ends within an hour, `quick` in a minute and a half."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """`requests` are what the part counts: asks, times, histories, races, changes, tables."""

    requests: int
    kills: int = 0
    beside: "Size | None" = None
    """What another process does meanwhile."""


FULL: Mapping[str, Size] = {
    "kills": Size(500, 500),
    "faults": Size(500),
    "outages": Size(500),
    "decisions": Size(50),
    "histories": Size(5000),
    "races": Size(10_000),
    "sync": Size(10_000, 200, beside=Size(100_000, 5)),
    "drift": Size(10_000),
}
USUAL: Mapping[str, Size] = {
    "kills": Size(500, 500),
    "faults": Size(200),
    "outages": Size(200),
    "decisions": Size(50),
    "histories": Size(1000),
    "races": Size(1000),
    "sync": Size(2_000, 40),
    "drift": Size(3000),
}
QUICK: Mapping[str, Size] = {
    "kills": Size(10, 10),
    "faults": Size(6),
    "outages": Size(10),
    "decisions": Size(3),
    "histories": Size(4),
    "races": Size(6),
    "sync": Size(450, 2),
    "drift": Size(20),
}
"""Still so much that every moment of a kill is looked for twice, and every class of changes is made."""
