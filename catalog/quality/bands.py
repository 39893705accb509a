"""The band in which a measurement is expected: the median of the values before it, give or take a multiple of their median
absolute deviation. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from catalog.quality.states import MeasureKind

MIN_VALUES, LAST_VALUES = 7, 30
"""Fewer earlier values give no band; more than the last ones are not looked at."""
DEVIATIONS = 6.0
"""Nearly the fourfold standard deviation of a normal distribution."""
RELATIVE_MARGIN = 0.02
"""Of the median: the least half width, so that a series without any deviation has a band."""
SHARE_MARGIN = 0.005
"""The same of shares, absolute."""


@dataclass(frozen=True)
class Band:
    low: float
    high: float

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high


def find_band(values: Sequence[float], kind: MeasureKind) -> Band | None:
    """Of the values before the one to be judged, oldest first; None of fewer than `MIN_VALUES`."""
    last = values[-LAST_VALUES:]
    if len(last) < MIN_VALUES:
        return None
    middle = median(last)
    deviation = median(abs(value - middle) for value in last)
    margin = SHARE_MARGIN if kind is MeasureKind.NULLS else RELATIVE_MARGIN * middle
    half = max(DEVIATIONS * deviation, margin)
    most = 1.0 if kind is MeasureKind.NULLS else float("inf")
    return Band(max(middle - half, 0.0), min(middle + half, most))
