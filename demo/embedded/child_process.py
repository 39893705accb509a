"""Child processes that end with their parent, and waiting for one as long as it moves.

Each is a session of its own and gets a signal when its parent dies. That signal fires when the *thread* that
made the child ends, so children are started from the main thread only.

A loaded machine makes everything slow, so no length of time says that something hangs. Silence does.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from os import sysconf
from pathlib import Path

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)
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
class Activity:
    """What a process and its descendants have done so far."""

    processor_seconds: float
    log_bytes: int
    is_held_up: bool = False
    """One of them waits for a processor or for the disk just now: it would work on a machine with less to do."""


class Child:
    """One process: its log, its pid file, how it is asked to end.

    `pid_file` lets a later start end what a killed parent left behind where there is no parent-death signal.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        log: Path,
        pid_file: Path | None = None,
        environment: Mapping[str, str] | None = None,
        stop_signal: int = signal.SIGTERM,
        stop_seconds: float = 8.0,
        before_exec: Callable[[], None] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.name = name
        self.argv = [str(part) for part in argv]
        self.log = log
        self.pid_file = pid_file
        self.environment = dict(environment) if environment is not None else None
        self.stop_signal = stop_signal
        self.stop_seconds = stop_seconds
        self.before_exec = before_exec
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._is_cleared = False

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def exit_code(self) -> int | None:
        """None while it runs or before its first start."""
        return self._process.poll() if self._process else None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError(f"{self.name} must be started from the main thread")
        self._stop_leftover()
        self.kill()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.environment,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=make_parent_death_hook(self.stop_signal, self.before_exec),  # noqa: PLW1509 - made by the main thread
            )
        self._is_cleared = False
        if self.pid_file:
            self.pid_file.write_text(f"{self._process.pid} {read_start_time(self._process.pid)}")

    def stop(self) -> None:
        """Asks it to end, then ends its whole session; harmless when it has ended."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            if self.is_running:
                self._process.send_signal(self.stop_signal)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(self.stop_seconds)
        self.kill()

    def kill(self) -> None:
        """SIGKILL for it and what it left in its session; once, as its number may then be another's."""
        if self._process is None or self._is_cleared:
            return
        kill_group(self._process.pid)
        self._process.wait()
        self._is_cleared = True
        if self.pid_file:
            self.pid_file.unlink(missing_ok=True)

    def read_last_log_line(self) -> str:
        """The last line of its log, for a message."""
        if not self.log.exists():
            return ""
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def read_activity(self, *others: int) -> Activity:
        """With `others`, processes that work for it."""
        return read_activity(self.pid or 0, self.log, *others)

    def _stop_leftover(self) -> None:
        """Waits for, then ends, the process of an earlier parent that was killed."""
        if self.pid_file is None or not self.pid_file.exists():
            return
        pid, _, born = self.pid_file.read_text().partition(" ")
        if not pid.isdigit() or self._process is not None or read_start_time(int(pid)) != born or not born:
            return
        if not wait_until(lambda: has_ended(int(pid)), 10.0):
            kill_group(int(pid))
            wait_until(lambda: has_ended(int(pid)), 2.0)


def make_parent_death_hook(death_signal: int, before: Callable[[], None] | None = None) -> Callable[[], None]:
    """What a child runs before its program: the death signal last, as a change of user clears it."""
    parent = os.getpid()

    def prepare() -> None:
        if before is not None:
            before()
        if hasattr(LIBC, "prctl"):
            LIBC.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return prepare


def send_signal(pid: int, number: int) -> bool:
    """False if the process is gone."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def read_group(pid: int) -> int | None:
    """The process group of `pid`; None if the process has ended, a zombie too."""
    try:
        return None if has_ended(pid) else os.getpgid(pid)
    except ProcessLookupError:
        return None


def kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def read_start_time(pid: int) -> str:
    """When process `pid` began, as far as the system tells it, so that a reused number is not mistaken."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        if Path("/proc/self/stat").exists():
            return ""
    asked = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], check=False, capture_output=True, text=True
    )
    return asked.stdout.strip()


def has_ended(pid: int) -> bool:
    """Whether `pid` is gone; a zombie counts as ended, as not every PID 1 reaps."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False


def wait_until(condition: Callable[[], bool], seconds: float, step: float = 0.02) -> bool:
    """Whether `condition` came true within `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(step)
    return True


def wait_until_ready(child: Child, ready: Callable[[], bool], silence: float = SILENCE_SECONDS) -> None:
    """Waits until `ready`; a child that ends, or that no longer moves, is one line with where its log lies."""
    wait_while_moving(child.name, lambda: ready() or not child.is_running, child.read_activity, silence)
    if not child.is_running:
        raise EmbeddedError(
            f"{child.name} ended at its start: {child.read_last_log_line()} (log: {child.log})"
        )
    if not ready():
        raise EmbeddedError(
            f"{child.name} does not answer, and has done nothing for {silence:.0f} s (log: {child.log})"
        )


def wait_until_ended(child: Child, silence: float = SILENCE_SECONDS, helpers: Sequence[int] = ()) -> None:
    """Waits for the end of a child that does one thing; EmbeddedError when neither it nor one of its helpers moves."""
    if not wait_while_moving(
        child.name, lambda: not child.is_running, lambda: child.read_activity(*helpers), silence
    ):
        raise EmbeddedError(
            f"{child.name} has done nothing for {silence:.0f} s and was ended (log: {child.log})"
        )


class EmbeddedError(Exception):
    """A service cannot be had here; the text is one line for a person."""


@dataclass(frozen=True)
class ProcessTimes:
    """A row of this machine's table of processes; `seconds` include those of ended children."""

    parent: int
    seconds: float
    state: str


def read_activity(pid: int, log: Path, *others: int) -> Activity:
    """`others` are processes that work for it, such as the database's server while a migration waits for it."""
    times = read_processor_times()
    family = {descendant for start in (pid, *others) for descendant in list_descendants(times, start)}
    return Activity(
        sum(times[one].seconds for one in family),
        log.stat().st_size if log.exists() else 0,
        any(times[one].state in HELD_UP_STATES for one in family),
    )


def sum_processor_seconds(pid: int) -> float:
    """What a process and its descendants have used so far."""
    times = read_processor_times()
    return sum(times[descendant].seconds for descendant in list_descendants(times, pid))


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
    """Parses the output of `ps`, whose times are like 1-02:03:04 or 3:04.05."""
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
