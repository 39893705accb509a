"""Processor time and memory of a process with all that it started, where the system has `/proc`."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PARENT, _USED = 1, slice(11, 15)
"""Fields of `/proc/<pid>/stat` after the name; the times are of the process and of its ended children."""


def read_processor_seconds(*roots: int | None) -> float:
    """Seconds that these processes and their descendants have used."""
    fields = _read_all_fields()
    ticks = (sum(map(int, fields[pid][_USED])) for pid in _list_tree(fields, roots))
    return sum(ticks) / TICKS_PER_SECOND


def read_own_memory(*roots: int | None) -> float:
    """Megabytes of these processes and their descendants; a page that several share is divided among them."""
    return sum(map(_read_proportional_memory, _list_tree(_read_all_fields(), roots)))


def _list_tree(fields: dict[int, list[str]], roots: tuple[int | None, ...]) -> Iterator[int]:
    found = {pid for pid in roots if pid in fields}
    while more := {pid for pid, values in fields.items() if int(values[_PARENT]) in found} - found:
        found |= more
    yield from sorted(found)


def _read_all_fields() -> dict[int, list[str]]:
    found = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            found[int(place.parent.name)] = place.read_text().rpartition(")")[2].split()
    return found


def _read_proportional_memory(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1000
    return 0.0
