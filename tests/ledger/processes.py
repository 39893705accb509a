"""Processor seconds of this process, of its children and of its sessions at PostgreSQL. Linux's /proc says more than other systems do."""

import os
import resource
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
SERVER_PID_FILE = ("pids", "postgres")
"""In the folder of the run's own services (MESHMARKET_TEST_FOLDER)."""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Seconds:
    """Of processor time: the test process itself, processes it started, its sessions at PostgreSQL."""

    own: float = 0.0
    children: float = 0.0
    postgres: float = 0.0

    @property
    def total(self) -> float:
        return self.own + self.children + self.postgres

    def __add__(self, other: "Seconds") -> "Seconds":
        return Seconds(self.own + other.own, self.children + other.children, self.postgres + other.postgres)

    def __sub__(self, other: "Seconds") -> "Seconds":
        """Never below zero: a process that left its parent takes its seconds along."""
        return Seconds(
            max(0.0, self.own - other.own),
            max(0.0, self.children - other.children),
            max(0.0, self.postgres - other.postgres),
        )

    def __truediv__(self, divisor: float) -> "Seconds":
        return Seconds(self.own / divisor, self.children / divisor, self.postgres / divisor)


def read_usage(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def read_process(pid: int | str, *, with_children: bool) -> float:
    """0 for a process that has ended; `with_children` adds those that it waited for."""
    try:
        text = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return 0.0
    # Behind the name, which may hold anything: state, parent, … utime, stime, cutime, cstime.
    fields = text.rpartition(")")[2].split()
    return sum(map(int, fields[11 : 15 if with_children else 13])) / TICKS


def list_children(pid: int | str) -> Iterator[str]:
    try:
        threads = os.listdir(PROC / str(pid) / "task")  # noqa: PTH208 - names only, a thousand times
    except OSError:
        return
    for thread in threads:
        try:
            yield from (PROC / str(pid) / "task" / thread / "children").read_text().split()
        except OSError:
            continue


def read_descendants(pid: int | str) -> float:
    """Of the running ones, each with those that it waited for."""
    return sum(
        read_process(child, with_children=True) + read_descendants(child) for child in list_children(pid)
    )


class Sessions:
    """What the sessions at one database have used since they were first seen; short ones may be missed."""

    def __init__(self, server_pid: str, database: str) -> None:
        self._server_pid = server_pid
        self._mark = f" {database} "
        self._last: dict[str, float] = {}
        self._others: set[str] = set()
        self._used = 0.0

    def read(self) -> float:
        running = set(list_children(self._server_pid))
        self._others &= running
        for pid in running - self._others:
            if pid not in self._last and not self._is_ours(pid):
                self._others.add(pid)
                continue
            used = read_process(pid, with_children=False)
            self._used += max(0.0, used - self._last.get(pid, 0.0))
            self._last[pid] = used
        for pid in self._last.keys() - running:
            del self._last[pid]
        return self._used

    def _is_ours(self, pid: str) -> bool:
        """By the title that PostgreSQL gives its processes: `postgres: role database [local] idle`."""
        try:
            title = (PROC / pid / "cmdline").read_text(errors="replace")
        except OSError:
            return False
        return self._mark in title


def find_server() -> str | None:
    """The pid of the run's own PostgreSQL; None where the caller's DATABASE_URL is used, or without services."""
    folder = os.environ.get("MESHMARKET_TEST_FOLDER")
    file = Path(folder).joinpath(*SERVER_PID_FILE) if folder else None
    return file.read_text().split()[0] if file and file.is_file() else None


def read_server() -> float:
    """All that the run's PostgreSQL has used, sessions that have ended among it."""
    pid = find_server()
    return read_process(pid, with_children=True) + read_descendants(pid) if pid else 0.0


class Meter:
    """Reads the sum of everything that this process causes."""

    def __init__(self) -> None:
        self._sessions: Sessions | None = None

    def watch_database(self, name: str) -> None:
        if server := find_server():
            self._sessions = Sessions(server, name)

    def read(self) -> Seconds:
        children = read_usage(resource.RUSAGE_CHILDREN) + read_descendants("self")
        postgres = self._sessions.read() if self._sessions else 0.0
        return Seconds(read_usage(resource.RUSAGE_SELF), children, postgres)
