"""Stopwatches: time as a clock on the wall has it, and as the processor spends it."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

from demo.embedded.child_process import list_descendants, read_processor_times, sum_processor_seconds


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


def read_processor_seconds(*roots: int | None) -> float:
    """Seconds that these processes and their descendants have used."""
    return sum(sum_processor_seconds(pid) for pid in roots if pid)


def read_own_memory(*roots: int | None) -> float:
    """Megabytes of these processes and their descendants; a page that several share is divided among them."""
    found = {
        descendant for pid in roots if pid for descendant in list_descendants(read_processor_times(), pid)
    }
    return sum(map(_read_proportional_memory, sorted(found)))


def _read_proportional_memory(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1000
    return 0.0
