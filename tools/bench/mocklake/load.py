"""Many callers at once: reads and writes of one small catalog, beside the same calls of a single caller."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException
from statistics import mean, median, quantiles
from typing import Any

from tools.bench.harness import servers
from tools.bench.harness.servers import Server
from tools.bench.harness.signed_calls import CallRefusedError, SignedClient, make_root_client
from tools.bench.mocklake import sample_data
from tools.bench.report import BenchReport, at_most

THREADS = 32
SECONDS, QUICK_SECONDS = 60.0, 10.0
ALONE_SECONDS, QUICK_ALONE_SECONDS = 10.0, 3.0
GRANTS_PER_THREAD = 1_000


@dataclass
class CallTimes:
    """Seconds of each call; a read changes nothing."""

    reads: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.reads) + len(self.writes) + len(self.errors)

    @property
    def mean(self) -> float:
        return mean([*self.reads, *self.writes])

    @property
    def p95_of_reads(self) -> float:
        return quantiles(self.reads, n=20)[-1]


def measure_threads(board: BenchReport, options: dict[str, Any]) -> None:
    """Each thread is a caller of its own. The server is one Python process, in which calls take turns.

    What is fair for the last of so many callers is a wait for a call of each of the others.
    """
    seconds = options["seconds"] or (QUICK_SECONDS if board.quick else SECONDS)
    alone_for = min(seconds, QUICK_ALONE_SECONDS if board.quick else ALONE_SECONDS)
    if not board.has_time_for(f"{THREADS} threads", seconds + alone_for + 3):
        return
    with servers.run_mocklake(sample_data.build_mesh_yaml(10)) as server:
        alone = call_for(server, threads=1, seconds=alone_for)
        together = call_for(server, threads=THREADS, seconds=seconds)
    for error in together.errors[:3]:
        board.skip("a call that failed", error)
    board.add_figure(
        f"errors of {THREADS} threads", len(together.errors), f"of {together.count} calls", must=at_most(0)
    )
    board.add_figure(f"calls of {THREADS} threads", together.count / seconds, "calls/s")
    _add_waits(board, alone, together)


def _add_waits(board: BenchReport, alone: CallTimes, together: CallTimes) -> None:
    single = board.add_figure("read of one thread, median", median(alone.reads) * 1000, "ms")
    board.add_figure(
        f"read among {THREADS} threads, p95", together.p95_of_reads * 1000, "ms", baseline=single
    )
    turns = board.add_figure(f"{THREADS} calls of one thread, mean", alone.mean * THREADS * 1000, "ms")
    board.add_figure(
        f"read among {THREADS} threads, p95", together.p95_of_reads * 1000, "ms",
        baseline=turns, must=at_most(5),
    )  # fmt: skip


def call_for(server: Server, *, threads: int, seconds: float) -> CallTimes:
    """What so many callers measured in so many seconds."""
    until = time.monotonic() + seconds
    measured = [CallTimes() for _ in range(threads)]
    running = [
        threading.Thread(target=_call_until, args=(server, number, until, times))
        for number, times in enumerate(measured)
    ]
    for one in running:
        one.start()
    for one in running:
        one.join()
    return CallTimes(
        [one for times in measured for one in times.reads],
        [one for times in measured for one in times.writes],
        [one for times in measured for one in times.errors],
    )


def _call_until(server: Server, thread: int, until: float, times: CallTimes) -> None:
    """By turns: grant, read, list, page, revoke what was granted; each thread's grants are its own."""
    caller, number = make_root_client(server), 0
    while not number or time.monotonic() < until:
        asked = sample_data.build_grant(thread * GRANTS_PER_THREAD + number % GRANTS_PER_THREAD)
        table, number = asked["Resource"]["Table"], number + 1
        _time_call(times.writes, times, lambda: caller.lakeformation("GrantPermissions", **asked))  # noqa: B023
        _time_call(times.reads, times, lambda: caller.glue("GetTable", **table))  # noqa: B023
        _time_call(times.reads, times, lambda: _list_permissions(caller, table))  # noqa: B023
        _time_call(times.reads, times, lambda: _read_page(caller, table))  # noqa: B023
        _time_call(times.writes, times, lambda: caller.lakeformation("RevokePermissions", **asked))  # noqa: B023
    caller.close()


def _list_permissions(caller: SignedClient, table: dict[str, str]) -> bytes:
    return caller.lakeformation("ListPermissions", Resource={"Table": table})


def _read_page(caller: SignedClient, table: dict[str, str]) -> bytes:
    return caller.glue("GetTables", DatabaseName=table["DatabaseName"])


def _time_call(into: list[float], times: CallTimes, call: Callable[[], bytes]) -> None:
    began = time.perf_counter()
    try:
        call()
    except (CallRefusedError, OSError, HTTPException) as error:
        times.errors.append(str(error))
    else:
        into.append(time.perf_counter() - began)
