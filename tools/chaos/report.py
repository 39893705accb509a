"""What a part of chaos is asked for, and what it saw: right, and in time."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mocklake.testing.switches import Value

MAX_CALLS_RATIO = 2.2
MAX_ADDED_DELAY = 7.0
"""Seconds that an outage may add to a proof, beyond its own length."""
MAX_GAP_SECONDS = 7.0
"""Seconds until messages that the broker lost are sent again and taken, and until a worker dispatches in beat's place."""
MAX_SCAN_SECONDS = 60.0
"""Seconds for a look at ten thousand permissions."""
MAX_GONE_AFTER = 60.0
"""Seconds from an end to the proof that the access is gone, for 99 in 100."""


@dataclass(frozen=True)
class RunOptions:
    """How much is asked of a run."""

    seed: int
    requests: int
    kills: int
    switches: Mapping[str, Value] = field(default_factory=dict)
    """Which way the pretend AWS goes; see `tools.environment.aws_switches`."""


FAULTS = ("lost", "extra", "duplicate", "stuck", "wrong", "denied", "oracle_differs", "split", "stale", "early",
          "unfound", "touched", "restless")  # fmt: skip
"""Figures of a report that must be 0."""


@dataclass
class PartReport:
    """What a part saw: right when no fault was seen, in time when nothing took too long or too many calls."""

    part: str
    seed: int
    requests: int = 0
    kills: int = 0
    kills_by_moment: dict[str, int] = field(default_factory=dict)
    kills_by_operation: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    lost: int = 0
    extra: int = 0
    duplicate: int = 0
    stuck: int = 0
    late: int = 0
    wrong: int = 0
    denied: int = 0
    """Grants shown as usable that the oracle denies, by the same evidence at two looks one after the other."""
    oracle_differs: int = 0
    beside_whole_table: int = 0
    revoked: int = 0
    statuses: int = 0
    writes: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    writes_without_faults: int = 0
    calls_ratio: float = 0.0
    attempts: int = 0
    split: int = 0
    stale: int = 0
    expired: int = 0
    early: int = 0
    unfound: int = 0
    touched: int = 0
    restless: int = 0
    sent_twice: int = 0
    added_delay: float = 0.0
    claim_seconds: float = 0.0
    refill_seconds: float = 0.0
    takeover_seconds: float = 0.0
    gone_after: float = 0.0
    scan_seconds: float = 0.0
    proven_after: float = 0.0
    seconds: float = 0.0

    @property
    def is_right(self) -> bool:
        """Holds on a machine of any speed."""
        return not any(getattr(self, name) for name in FAULTS)

    @property
    def is_in_time(self) -> bool:
        """Means something on a machine that does nothing else."""
        soon = self.added_delay <= MAX_ADDED_DELAY and self.gone_after <= MAX_GONE_AFTER
        soon = soon and max(self.refill_seconds, self.takeover_seconds) <= MAX_GAP_SECONDS
        soon = soon and self.scan_seconds <= MAX_SCAN_SECONDS
        # A dispatcher that is slow to send what it has marked is taken for one that lost it.
        soon = soon and not self.sent_twice
        return soon and not self.late and self.calls_ratio <= MAX_CALLS_RATIO

    @property
    def ok(self) -> bool:
        return self.is_right and self.is_in_time

    def to_json(self) -> dict[str, Any]:
        return {"ok": self.ok, "right": self.is_right, "in_time": self.is_in_time, **vars(self)}


def sum_reports(parts: list[dict[str, Any]], seconds: float) -> dict[str, Any]:
    """One object for several parts: their sums, the time of all, and the figures of each below `parts`."""
    names = (
        "requests",
        "kills",
        "lost",
        "extra",
        "duplicate",
        "stuck",
        "late",
        "wrong",
        "denied",
        "oracle_differs",
    )
    moments: Counter[str] = Counter()
    for part in parts:
        moments.update(part["kills_by_moment"])
    verdicts = {name: all(part[name] for part in parts) for name in ("ok", "right", "in_time")}
    about = {"part": "+".join(part["part"] for part in parts), "seed": parts[0]["seed"]}
    sums = {name: sum(part[name] for part in parts) for name in names}
    return {**verdicts, **about, **sums, "seconds": seconds, "kills_by_moment": dict(moments), "parts": parts}
