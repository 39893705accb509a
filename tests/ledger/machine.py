"""How slow the machine is: the processor seconds that a piece of work takes now, beside those of the ledger's machine.

A processor that others use as well needs more seconds for the same work, so seconds alone are not compared with a budget.
"""

import gc
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass

REFERENCE_SECONDS = 0.0140
"""Of `work` on the machine of the ledger when nothing else ran."""
JUDGED_UP_TO = 1.15
"""On a machine this many times slower, what waits for others uses processors as well: nothing is judged."""
INTERVAL_SECONDS = 20.0


def work() -> int:
    """As tests do: objects, texts and sorting, more of them than a processor's nearest cache holds."""
    rows = {
        f"key-{number}": [number, str(number), {"name": f"value {number % 97}"}] for number in range(8000)
    }
    read = json.loads(json.dumps(rows))
    return sum(len(row[2]["name"]) for row in sorted(read.values(), key=lambda row: row[1]))


def measure_work() -> float:
    """Processor seconds of this thread. Without collections of garbage, which look through all that the process holds."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        began = time.thread_time()
        work()
        return time.thread_time() - began
    finally:
        if was_enabled:
            gc.enable()


@dataclass
class MachineSamples:
    """How long `work` took a process, from time to time."""

    seconds: float = 0.0
    count: int = 0
    _number: int = -1

    def take_if_due(self) -> None:
        number = int(time.monotonic() // INTERVAL_SECONDS)
        if number == self._number:
            return
        self._number = number
        self.seconds += measure_work()
        self.count += 1


def compute_slowness(samples: Iterable[tuple[float, int]]) -> float:
    """Of these sums of seconds with their counts; 1 for the ledger's machine, and for a faster one."""
    taken = list(samples)
    count = sum(count for _, count in taken)
    return max(1.0, sum(seconds for seconds, _ in taken) / count / REFERENCE_SECONDS) if count else 1.0
