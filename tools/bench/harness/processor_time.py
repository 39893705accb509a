"""Processor time and memory of a process with all that it started, where the system has `/proc`."""

from contextlib import suppress
from pathlib import Path

from demo.embedded.child_process import list_descendants, read_processor_times, sum_processor_seconds


def read_processor_seconds(*roots: int | None) -> float:
    """Seconds that these processes and their descendants have used."""
    return sum(sum_processor_seconds(pid) for pid in roots if pid)


def read_own_memory(*roots: int | None) -> float:
    """Megabytes of these processes and their descendants; a page that several share is divided among them."""
    found = {one for pid in roots if pid for one in list_descendants(read_processor_times(), pid)}
    return sum(map(_read_proportional_memory, sorted(found)))


def _read_proportional_memory(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1000
    return 0.0
