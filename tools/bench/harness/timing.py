"""Time taken, so that a machine with other work on it misleads as little as it can."""

import time
from collections.abc import Callable
from typing import Self


class Stopwatch:
    """Adds up the `with` blocks it goes round."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._began = 0.0

    def __enter__(self) -> Self:
        self._began = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._began


def measure_seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure_with_processor(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds that went by, and those of a processor that this process used of them, in whichever thread."""
    used = time.process_time()
    return measure_seconds(work), time.process_time() - used


def measure_in_turns(*works: Callable[[], object], rounds: int) -> list[float]:
    """The shortest time of each, by turns: what slows one round down slows each of them."""
    taken = [[measure_seconds(work) for work in works] for _ in range(rounds)]
    return [min(times) for times in zip(*taken, strict=True)]
