"""How long to wait after failures. For what is tried again later from stored state; loops that wait use tenacity."""

import random

MOST_DOUBLINGS = 20


def backoff(failures: int, *, first: float, longest: float, jitter: float = 0.0) -> float:
    """Seconds: `first` after one failure in a row, doubled with each further one, `longest` at most; 0 without a failure.

    `jitter` is the share by which the result may be more or less, so that many do not try again at once.
    """
    if failures <= 0:
        return 0.0
    doubled = first * 2.0 ** min(failures - 1, MOST_DOUBLINGS)
    return min(doubled, longest) * random.uniform(1 - jitter, 1 + jitter)  # noqa: S311
