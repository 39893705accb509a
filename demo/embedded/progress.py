"""Waiting for a process as long as it moves: it uses the processor, or it writes to its log.

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


@dataclass(frozen=True)
class Activity:
    """What a process and its descendants have done so far."""

    processor_seconds: float
    log_bytes: int


def read_activity(pid: int, log: Path) -> Activity:
    return Activity(sum_processor_seconds(pid), log.stat().st_size if log.exists() else 0)


def sum_processor_seconds(pid: int) -> float:
    """What a process and its descendants have used so far."""
    times = read_processor_times()
    return sum(times[one][1] for one in list_descendants(times, pid))


def list_descendants(times: Mapping[int, tuple[int, float]], pid: int) -> list[int]:
    """The process itself first; nothing once it has ended."""
    children: dict[int, list[int]] = defaultdict(list)
    for one, (parent, _) in times.items():
        children[parent].append(one)
    found = [pid] if pid in times else []
    for one in found:
        found += children[one]
    return found


def read_processor_times() -> Mapping[int, tuple[int, float]]:
    """Parent and processor seconds of each process of this machine, those of its ended children included."""
    if not (PROCESSES / "self" / "stat").exists():
        return parse_process_list(
            subprocess.run(
                ["ps", "-A", "-o", "pid=,ppid=,time="], check=False, capture_output=True, text=True
            ).stdout
        )
    ticks, found = sysconf("SC_CLK_TCK"), {}
    for folder in PROCESSES.iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has just ended
                continue
            found[int(folder.name)] = int(fields[1]), sum(map(int, fields[11:15])) / ticks
    return found


def parse_process_list(text: str) -> Mapping[int, tuple[int, float]]:
    """Of `ps`, whose times are like 1-02:03:04 or 3:04.05."""
    found = {}
    for pid, parent, spent in (line.split() for line in text.splitlines()):
        days, _, clock = spent.rpartition("-")
        seconds = 0.0
        for part in clock.split(":"):
            seconds = seconds * 60 + float(part)
        found[int(pid)] = int(parent), seconds + 86_400 * int(days or 0)
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
        if worked > MIN_PROCESSOR_SHARE * silence or found.log_bytes != self._seen.log_bytes:
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
