"""Exponential back-off for work that is retried from stored state. Loops that wait in place use tenacity."""

import random

MAX_DOUBLINGS = 20


def compute_backoff(failures: int, *, initial: float, maximum: float, jitter: float = 0.0) -> float:
    """Seconds: `initial` after one failure, doubled with each further one, `maximum` at most; 0 without a failure.

    `jitter` is the share by which the result may be more or less, so that many do not try again at once.
    """
    if failures <= 0:
        return 0.0
    doubled = initial * 2.0 ** min(failures - 1, MAX_DOUBLINGS)
    return min(doubled, maximum) * random.uniform(1 - jitter, 1 + jitter)  # noqa: S311
