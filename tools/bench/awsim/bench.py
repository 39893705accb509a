"""What the pretend AWS takes: grants, pages of tables, a hundred thousand tables, many threads, going back.

Where a figure is compared with bare moto's, both answer the same requests in the same run, by turns.
"""

import argparse
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from demo.bank.accounts import SEED
from tools.bench.awsim import load
from tools.bench.harness import servers
from tools.bench.harness.signed_calls import Caller, RefusedError, anybody, root
from tools.bench.harness.timing import Stopwatch, seconds, side_by_side
from tools.bench.report import Board, at_least, at_most

HELP = "The pretend AWS: its speed beside bare moto's, and its size."
MANY_GRANTS, PEER_GRANTS, LARGE = 50_000, 10_000, 1_000
QUICK_GRANTS, QUICK_LARGE = 5_000, 100
THOUSAND = 1_000
THREADS, CALLS = 32, 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--part", action="append", choices=[*PARTS], help="this part alone; may be given several times"
    )


def run(board: Board, options: dict[str, Any]) -> None:
    """Each part starts its own servers."""
    for part in options["part"] or PARTS:
        PARTS[part](board)


def reset(board: Board) -> None:
    """Back to the seed, and to another one by its name, after something was changed."""
    with servers.awsim(SEED) as server:
        root(server).glue("CreateDatabase", DatabaseInput={"Name": "made_by_the_bench"})
        taken = [seconds(lambda: server.control("reset", {})) for _ in range(5)]
        board.add("reset of the bank", max(taken), "s", must=at_most(0.5), stretch=at_most(0.05))
        names = ["example", SEED] * 2
        taken = [seconds(lambda name=name: server.control("reset", {"seed": name})) for name in names]  # type: ignore[misc]
        board.add("reset to another named seed", max(taken), "s", must=at_most(0.5))


def threads(board: Board) -> None:
    """Reads and writes of a small catalog at once; each thread is a caller of its own."""
    errors: list[str] = []
    with servers.awsim(load.mesh(10)) as server:

        def work(thread: int) -> None:
            caller = root(server)
            for number in range(CALLS):
                _mixed(caller, thread, number, errors)
            caller.close()

        running = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
        taken = seconds(lambda: _together(running))
    for error in errors[:3]:
        board.leave_out("a call that failed", error)
    board.add(f"errors of {THREADS} threads", len(errors), f"of {THREADS * CALLS} calls", must=at_most(0))
    board.add(f"calls of {THREADS} threads", THREADS * CALLS / taken, "calls/s")


def _mixed(caller: Caller, thread: int, number: int, errors: list[str]) -> None:
    """By turns: grant, read, list, page, revoke what was granted; each thread's grants are its own."""
    asked = load.grant(thread * THOUSAND + number // 5)
    table = asked["Resource"]["Table"]
    calls: list[Callable[[], bytes]] = [
        lambda: caller.lakeformation("GrantPermissions", **asked),
        lambda: caller.glue("GetTable", **table),
        lambda: caller.lakeformation("ListPermissions", Resource={"Table": table}),
        lambda: caller.glue("GetTables", DatabaseName=table["DatabaseName"]),
        lambda: caller.lakeformation("RevokePermissions", **asked),
    ]
    try:
        calls[number % 5]()
    except (RefusedError, OSError) as error:
        errors.append(str(error))


def _together(running: list[threading.Thread]) -> None:
    for one in running:
        one.start()
    for one in running:
        one.join()


def pages(board: Board) -> None:
    """Pages of a hundred tables of twenty columns, whole databases of one page each."""
    databases = 5
    with servers.awsim(load.mesh(databases)) as server, servers.bare_moto() as moto:
        own, peer = root(server), anybody(moto)
        load.create_tables(peer, databases)

        def read(caller: Caller) -> Callable[[], None]:
            def work() -> None:
                for number in range(1, databases + 1):
                    caller.glue("GetTables", DatabaseName=f"db_{number}")

            return work

        fast, slow = side_by_side(read(own), read(peer), rounds=5)
        base = board.add("GetTables of bare moto", databases / slow, "pages/s")
        board.add("GetTables", databases / fast, "pages/s", to=base, must=at_least(5), stretch=at_least(10))


def growth(board: Board) -> None:
    """A thousand grants on top of none and on top of many, by turns of a hundred."""
    many = QUICK_GRANTS if board.quick else MANY_GRANTS
    with servers.awsim(load.mesh(10)) as fresh, servers.awsim(load.mesh(10)) as full:
        first, last = root(fresh), root(full)
        load.fill(last, many - THOUSAND)
        on_few, on_many = Stopwatch(), Stopwatch()
        for number in range(0, THOUSAND, 100):
            with on_few:
                load.give(first, range(number, number + 100))
            with on_many:
                load.give(last, range(many - THOUSAND + number, many - THOUSAND + number + 100))
    base = board.add("grants, the first thousand", THOUSAND / on_few.seconds, "grants/s")
    board.add(
        f"grants, the last thousand of {many:,}", THOUSAND / on_many.seconds, "grants/s",
        to=base, must=at_least(0.8),
    )  # fmt: skip
    if board.quick:
        board.leave_out(f"grants up to {MANY_GRANTS:,}", "a minute is too short")


def peer_grants(board: Board) -> None:
    if not board.has_room(f"grants at {PEER_GRANTS:,} beside bare moto", 40):
        return
    with servers.awsim(load.mesh(10)) as server, servers.bare_moto() as moto:
        own, peer = root(server), anybody(moto)
        load.fill(own, PEER_GRANTS)
        load.fill(peer, PEER_GRANTS)
        step, fast, slow = 20, Stopwatch(), Stopwatch()
        for number in range(PEER_GRANTS, PEER_GRANTS + 10 * step, step):
            with fast:
                load.give(own, range(number, number + step))
            with slow:
                load.give(peer, range(number, number + step))
    base = board.add(f"grants of bare moto at {PEER_GRANTS:,}", 10 * step / slow.seconds, "grants/s")
    board.add(
        f"grants at {PEER_GRANTS:,}", 10 * step / fast.seconds, "grants/s",
        to=base, must=at_least(4), stretch=at_least(6),
    )  # fmt: skip


def large(board: Board) -> None:
    """Seeding, memory, and the longest a reader waits while the state is written."""
    databases = QUICK_LARGE if board.quick else LARGE
    tables = f"{databases * load.TABLES:,} tables"
    if not board.has_room(f"seeding {tables}", 15):
        return
    with ExitStack() as stack:
        began = time.perf_counter()
        server = stack.enter_context(servers.awsim(load.mesh(databases)))
        taken = time.perf_counter() - began
        board.add(f"seeding {tables}", taken, "s", must=at_most(60), stretch=at_most(20))
        board.add(f"memory of {tables}", server.megabytes, "MB", must=at_most(2_500), stretch=at_most(1_500))
        caller = root(server)
        longest = _longest_wait(caller, databases, taken)
        board.add(f"longest wait while {tables} are written", longest, "s", must=at_most(0.5))
    if board.quick:
        board.leave_out(f"{LARGE * load.TABLES:,} tables", "a minute is too short")


def _longest_wait(caller: Caller, databases: int, watched: float) -> float:
    """Reads one table again and again after a write, for as long as the seeding took, as writing takes less."""
    caller.glue("CreateDatabase", DatabaseInput={"Name": "made_by_the_bench"})
    until, longest = time.perf_counter() + max(watched, 3.0), 0.0
    while time.perf_counter() < until:
        longest = max(
            longest, seconds(lambda: caller.glue("GetTable", DatabaseName=f"db_{databases}", Name="t_1"))
        )
    return longest


PARTS: dict[str, Callable[[Board], None]] = {
    "reset": reset,
    "threads": threads,
    "pages": pages,
    "grants": growth,
    "beside-moto": peer_grants,
    "tables": large,
}
