"""Many callers at once: reads and writes of one small catalog, beside the same calls of a single caller."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.client import HTTPException
from statistics import mean, median, quantiles
from typing import Any

from tools.bench.harness import servers
from tools.bench.harness.servers import Server
from tools.bench.harness.signed_calls import (
    ACCOUNT,
    OTHER_ACCOUNT,
    REGION,
    CallRefusedError,
    SignedClient,
    make_root_client,
)
from tools.bench.report import BenchReport, at_most

THREADS = 32
SECONDS, QUICK_SECONDS = 60.0, 10.0
ALONE_SECONDS, QUICK_ALONE_SECONDS = 10.0, 3.0
GRANTS_PER_THREAD = 1_000
COLUMNS_PER_TABLE = 20
TABLES_PER_DATABASE = 100
"""In each database: one page."""
MAX_BATCH_ENTRIES = 20
"""The most entries that AWS takes in a batch."""
TABLES_WITH_GRANTS = 1_000
READERS = 64
"""Roles with grants: enough for 64,000."""


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
    with servers.run_mocklake(build_mesh_yaml(10)) as server:
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
        [read for times in measured for read in times.reads],
        [write for times in measured for write in times.writes],
        [error for times in measured for error in times.errors],
    )


def _call_until(server: Server, thread: int, until: float, times: CallTimes) -> None:
    """By turns: grant, read, list, page, revoke what was granted; each thread's grants are its own."""
    caller, number = make_root_client(server), 0
    while not number or time.monotonic() < until:
        asked = build_grant(thread * GRANTS_PER_THREAD + number % GRANTS_PER_THREAD)
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


def build_mesh_yaml(databases: int) -> str:
    """A mesh of so many databases of a hundred tables each."""
    columns = "".join(
        f"              - {{name: {column['Name']}, comment: {column['Comment']}}}\n"
        for column in _build_columns()
    )
    roles = ", ".join(f'{{account: "{OTHER_ACCOUNT}", name: reader-{number}}}' for number in range(READERS))
    return f"""
roles: [{roles}]
accounts: [{{id: "{ACCOUNT}", name: one}}, {{id: "{OTHER_ACCOUNT}", name: other}}]
organisation: ["{ACCOUNT}", "{OTHER_ACCOUNT}"]
catalogs:
  - account: "{ACCOUNT}"
    region: {REGION}
    databases:
      - name: "db_{{number}}"
        times: {databases}
        tables:
          - name: "t_{{number}}"
            times: {TABLES_PER_DATABASE}
            location: "s3://lake/{{database}}/t_{{number}}/"
            columns:
{columns}"""


def create_tables(caller: SignedClient, databases: int) -> None:
    """The same by calls, for a server without seeds."""
    for database in range(1, databases + 1):
        caller.glue("CreateDatabase", DatabaseInput={"Name": f"db_{database}"})
        for table in range(1, TABLES_PER_DATABASE + 1):
            made = {
                "Name": f"t_{table}",
                "TableType": "EXTERNAL_TABLE",
                "StorageDescriptor": {
                    "Columns": _build_columns(),
                    "Location": f"s3://lake/db_{database}/t_{table}/",
                },
                "PartitionKeys": [],
                "Parameters": {"classification": "parquet"},
            }
            caller.glue("CreateTable", DatabaseName=f"db_{database}", TableInput=made)


def _build_columns() -> list[dict[str, str]]:
    return [
        {"Name": f"column_{number}", "Type": "string", "Comment": f"What column {number} of the table says"}
        for number in range(COLUMNS_PER_TABLE)
    ]


def build_grant(number: int) -> dict[str, Any]:
    """The members of a grant; each number is another role or another table."""
    role, table = divmod(number, TABLES_WITH_GRANTS)
    database, table = divmod(table, TABLES_PER_DATABASE)
    who = f"arn:aws:iam::{OTHER_ACCOUNT}:role/reader-{role}"
    return {
        "Principal": {"DataLakePrincipalIdentifier": who},
        "Resource": {"Table": {"DatabaseName": f"db_{database + 1}", "Name": f"t_{table + 1}"}},
        "Permissions": ["SELECT", "DESCRIBE"],
    }


def send_grants(caller: SignedClient, numbers: Iterable[int]) -> None:
    """One call for each."""
    for number in numbers:
        caller.lakeformation("GrantPermissions", **build_grant(number))


def fill_grants(caller: SignedClient, count: int) -> None:
    """The first so many grants, by batches."""
    for first in range(0, count, MAX_BATCH_ENTRIES):
        entries = [
            {"Id": str(number), **build_grant(number)}
            for number in range(first, min(first + MAX_BATCH_ENTRIES, count))
        ]
        caller.lakeformation("BatchGrantPermissions", Entries=entries)
