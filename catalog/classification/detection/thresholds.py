"""When name and values are enough for a finding: the one place of these rules."""

from dataclasses import dataclass

MIN_SCORE = 0.6
"""From this score on, a column becomes a finding."""
NAME_ALONE_SCORE = 0.6
MIN_VALUES = 10
"""Fewer sampled values say nothing: the name alone counts."""
MIN_SHARE_NAMED, MIN_SHARE_UNNAMED = 0.5, 0.8
"""Of the values that are not empty, how many must pass the check, if the name says so too, and if it does not."""
MIN_DISTINCT_UNNAMED = 5
DISTRIBUTION_SCORE = 0.65
"""Of dates that look like ages while the name says nothing."""
MIN_REFERENCE_VALUES, MAX_REFERENCE_VALUES = 30, 20
"""Public is proposed on this many sampled values, of which so many may differ."""
REFERENCE_SCORE = 0.7


@dataclass(frozen=True)
class ValueCount:
    """`valid` of `sampled` values that are not empty pass a check; `distinct` of the valid ones differ."""

    sampled: int
    valid: int
    distinct: int

    @property
    def share(self) -> float:
        return self.valid / self.sampled if self.sampled else 0.0


def compute_score(count: ValueCount | None, *, is_named: bool, is_certain: bool = True) -> float:
    """0 to 1. `count` is None for kinds without a check; `is_certain`: the check is enough without a name."""
    if count is None or count.sampled < MIN_VALUES:
        return NAME_ALONE_SCORE if is_named else 0.0
    if is_named:
        return 0.7 + 0.3 * count.share if count.share >= MIN_SHARE_NAMED else 0.0
    enough = count.share >= MIN_SHARE_UNNAMED and count.distinct >= MIN_DISTINCT_UNNAMED
    return 0.95 * count.share if enough and is_certain else 0.0
