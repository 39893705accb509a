"""Waiting for a process as long as it moves: it uses the processor or waits for its turn, or it writes to its log.

A loaded machine makes everything slow, so no length of time says that something hangs. Silence does.
"""

import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from os import sysconf
from pathlib import Path

SILENCE_SECONDS = 60.0
"""Without any movement, after which a process counts as hung."""
LOOK_SECONDS = 1.0
TELL_SECONDS = 10.0
"""Between two lines that say what is still waited for."""
STEP_SECONDS = 0.02
MIN_PROCESSOR_SHARE = 0.01
"""Of one processor; a process that uses less only waits, as servers wake up to look around."""
PROCESSES = Path("/proc")
HELD_UP_STATES = frozenset("RD")
"""Runnable, and waiting for the disk."""


@dataclass(frozen=True)
class ProcessTimes:
    """A row of this machine's table of processes; `seconds` include those of ended children."""

    parent: int
    seconds: float
    state: str


@dataclass(frozen=True)
class Activity:
    """What a process and its descendants have done so far."""

    processor_seconds: float
    log_bytes: int
    is_held_up: bool = False
    """One of them waits for a processor or for the disk just now: it would work on a machine with less to do."""


def read_activity(pid: int, log: Path, *others: int) -> Activity:
    """`others` are processes that work for it, such as the database's server while a migration waits for it."""
    times = read_processor_times()
    family = {one for start in (pid, *others) for one in list_descendants(times, start)}
    return Activity(
        sum(times[one].seconds for one in family),
        log.stat().st_size if log.exists() else 0,
        any(times[one].state in HELD_UP_STATES for one in family),
    )


def sum_processor_seconds(pid: int) -> float:
    """What a process and its descendants have used so far."""
    times = read_processor_times()
    return sum(times[one].seconds for one in list_descendants(times, pid))


def list_descendants(times: Mapping[int, ProcessTimes], pid: int) -> list[int]:
    """The process itself first; nothing once it has ended."""
    children: dict[int, list[int]] = defaultdict(list)
    for one, row in times.items():
        children[row.parent].append(one)
    found = [pid] if pid in times else []
    for one in found:
        found += children[one]
    return found


def read_processor_times() -> Mapping[int, ProcessTimes]:
    """Each process of this machine."""
    if not (PROCESSES / "self" / "stat").exists():
        return parse_process_list(
            subprocess.run(
                ["ps", "-A", "-o", "pid=,ppid=,time=,state="], check=False, capture_output=True, text=True
            ).stdout
        )
    ticks, found = sysconf("SC_CLK_TCK"), {}
    for folder in PROCESSES.iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has just ended
                continue
            seconds = sum(map(int, fields[11:15])) / ticks
            found[int(folder.name)] = ProcessTimes(int(fields[1]), seconds, fields[0])
    return found


def parse_process_list(text: str) -> Mapping[int, ProcessTimes]:
    """Of `ps`, whose times are like 1-02:03:04 or 3:04.05."""
    found = {}
    for pid, parent, spent, state in (line.split() for line in text.splitlines()):
        days, _, clock = spent.rpartition("-")
        seconds = 0.0
        for part in clock.split(":"):
            seconds = seconds * 60 + float(part)
        found[int(pid)] = ProcessTimes(int(parent), seconds + 86_400 * int(days or 0), state[:1])
    return found


class MovementWatch:
    """When a process moved last, by `read`."""

    def __init__(self, read: Callable[[], Activity], clock: Callable[[], float] = time.monotonic) -> None:
        self._read, self._clock = read, clock
        self._seen, self._moved_at = read(), clock()

    def measure_silence(self) -> float:
        """Seconds since it moved last."""
        now, found = self._clock(), self._read()
        silence = now - self._moved_at
        worked = found.processor_seconds - self._seen.processor_seconds
        has_moved = worked > MIN_PROCESSOR_SHARE * silence or found.log_bytes != self._seen.log_bytes
        if has_moved or found.is_held_up:
            self._seen, self._moved_at, silence = found, now, 0.0
        return silence


def wait_while_moving(
    title: str,
    is_done: Callable[[], bool],
    read: Callable[[], Activity],
    silence: float = SILENCE_SECONDS,
) -> bool:
    """Whether `is_done` came true before a silence of so many seconds. Says now and then what it waits for."""
    began = looked = told = time.monotonic()
    watch = MovementWatch(read)
    while not is_done():
        now = time.monotonic()
        if now - looked >= min(LOOK_SECONDS, silence / 4):
            looked = now
            if watch.measure_silence() > silence:
                return False
        if now - told >= TELL_SECONDS:
            told = now
            sys.stdout.write(f"  still waiting for {title}, {now - began:.0f} s so far; it is working\n")
            sys.stdout.flush()
        time.sleep(STEP_SECONDS)
    return True
