"""Token buckets, one for each key: so many calls at once, then so many a second."""

from collections.abc import Hashable
from dataclasses import dataclass, field


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
