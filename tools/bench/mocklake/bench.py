"""What the pretend AWS takes: grants, pages of tables, a hundred thousand tables, many threads, going back.

Where a figure is compared with bare moto's, both answer the same requests in the same run, by turns.
"""

import argparse
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from demo.bank.accounts import SEED
from tools.bench.harness import servers
from tools.bench.harness.signed_calls import SignedClient, make_anonymous_client, make_root_client
from tools.bench.harness.timing import Stopwatch, measure_in_turns, measure_seconds
from tools.bench.mocklake import load
from tools.bench.mocklake.load import QUICK_SECONDS, SECONDS, measure_threads
from tools.bench.report import BenchReport, at_least, at_most

HELP = "The pretend AWS: its speed beside bare moto's, and its size."
FULL_GRANTS, PEER_GRANTS, FULL_DATABASES = 50_000, 10_000, 1_000
QUICK_GRANTS, QUICK_DATABASES = 5_000, 100
GRANTS_MEASURED = 1_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--part", action="append", choices=[*PARTS], help="this part alone; may be given several times"
    )
    parser.add_argument(
        "--seconds",
        type=float,
        help=f"for which many threads call; default {SECONDS:g}, quick {QUICK_SECONDS:g}",
    )


def run(board: BenchReport, options: dict[str, Any]) -> None:
    """Each part starts its own servers."""
    for part in options["part"] or PARTS:
        PARTS[part](board, options)


def measure_reset(board: BenchReport, _options: dict[str, Any]) -> None:
    """Back to the seed, and to another one by its name, after something was changed."""
    with servers.run_mocklake(SEED) as server:
        make_root_client(server).glue("CreateDatabase", DatabaseInput={"Name": "made_by_the_bench"})
        taken = [measure_seconds(lambda: server.control("reset", {})) for _ in range(5)]
        board.add_figure("reset of the bank", max(taken), "s", must=at_most(0.5), stretch=at_most(0.05))
        names = ["example", SEED] * 2
        taken = [measure_seconds(lambda name=name: server.control("reset", {"seed": name})) for name in names]  # type: ignore[misc]
        board.add_figure("reset to another named seed", max(taken), "s", must=at_most(0.5))


def measure_start(board: BenchReport, _options: dict[str, Any]) -> None:
    """From the command until it answers, with the bank and with nothing, beside bare moto."""

    def start(server: AbstractContextManager[object]) -> None:
        with server:
            pass

    bank, empty, peer = measure_in_turns(
        lambda: start(servers.run_mocklake(SEED)),
        lambda: start(servers.run_mocklake("")),
        lambda: start(servers.run_bare_moto()),
        rounds=3,
    )
    base = board.add_figure("start of bare moto", peer, "s")
    board.add_figure("start without a seed", empty, "s", baseline=base)
    board.add_figure("start with the bank", bank, "s", baseline=base, must=at_most(4), stretch=at_most(3))


def measure_pages(board: BenchReport, _options: dict[str, Any]) -> None:
    """Pages of a hundred tables of twenty columns, whole databases of one page each."""
    databases = 5
    with (
        servers.run_mocklake(load.build_mesh_yaml(databases)) as server,
        servers.run_bare_moto() as moto,
    ):
        own, peer = make_root_client(server), make_anonymous_client(moto)
        load.create_tables(peer, databases)

        def read(caller: SignedClient) -> Callable[[], None]:
            def work() -> None:
                for number in range(1, databases + 1):
                    caller.glue("GetTables", DatabaseName=f"db_{number}")

            return work

        fast, slow = measure_in_turns(read(own), read(peer), rounds=5)
        base = board.add_figure("GetTables of bare moto", databases / slow, "pages/s")
        board.add_figure(
            "GetTables", databases / fast, "pages/s", baseline=base, must=at_least(5), stretch=at_least(10)
        )


def measure_grants(board: BenchReport, _options: dict[str, Any]) -> None:
    """A thousand grants on top of none and on top of many, by turns of a hundred."""
    many = QUICK_GRANTS if board.quick else FULL_GRANTS
    with (
        servers.run_mocklake(load.build_mesh_yaml(10)) as fresh,
        servers.run_mocklake(load.build_mesh_yaml(10)) as full,
    ):
        first, last = make_root_client(fresh), make_root_client(full)
        load.fill_grants(last, many - GRANTS_MEASURED)
        on_few, on_many = Stopwatch(), Stopwatch()
        for number in range(0, GRANTS_MEASURED, 100):
            with on_few:
                load.send_grants(first, range(number, number + 100))
            with on_many:
                load.send_grants(
                    last, range(many - GRANTS_MEASURED + number, many - GRANTS_MEASURED + number + 100)
                )
    base = board.add_figure("grants, the first thousand", GRANTS_MEASURED / on_few.seconds, "grants/s")
    board.add_figure(
        f"grants, the last thousand of {many:,}", GRANTS_MEASURED / on_many.seconds, "grants/s",
        baseline=base, must=at_least(0.8),
    )  # fmt: skip
    if board.quick:
        board.skip(f"grants up to {FULL_GRANTS:,}", "a minute is too short")


def measure_peer_grants(board: BenchReport, _options: dict[str, Any]) -> None:
    if not board.has_time_for(f"grants at {PEER_GRANTS:,} beside bare moto", 40):
        return
    with servers.run_mocklake(load.build_mesh_yaml(10)) as server, servers.run_bare_moto() as moto:
        own, peer = make_root_client(server), make_anonymous_client(moto)
        load.fill_grants(own, PEER_GRANTS)
        load.fill_grants(peer, PEER_GRANTS)
        step, fast, slow = 20, Stopwatch(), Stopwatch()
        for number in range(PEER_GRANTS, PEER_GRANTS + 10 * step, step):
            with fast:
                load.send_grants(own, range(number, number + step))
            with slow:
                load.send_grants(peer, range(number, number + step))
    base = board.add_figure(f"grants of bare moto at {PEER_GRANTS:,}", 10 * step / slow.seconds, "grants/s")
    board.add_figure(
        f"grants at {PEER_GRANTS:,}", 10 * step / fast.seconds, "grants/s",
        baseline=base, must=at_least(4), stretch=at_least(6),
    )  # fmt: skip


def measure_tables(board: BenchReport, _options: dict[str, Any]) -> None:
    """Seeding, memory, and the longest a reader waits while the state is written."""
    databases = QUICK_DATABASES if board.quick else FULL_DATABASES
    tables = f"{databases * load.TABLES_PER_DATABASE:,} tables"
    if not board.has_time_for(f"seeding {tables}", 15):
        return
    with ExitStack() as stack:
        began = time.perf_counter()
        server = stack.enter_context(servers.run_mocklake(load.build_mesh_yaml(databases)))
        taken = time.perf_counter() - began
        board.add_figure(f"seeding {tables}", taken, "s", must=at_most(60), stretch=at_most(20))
        board.add_figure(
            f"memory of {tables}", server.megabytes, "MB", must=at_most(2_500), stretch=at_most(1_500)
        )
        caller = make_root_client(server)
        longest = _measure_longest_wait(caller, databases, taken)
        board.add_figure(f"longest wait while {tables} are written", longest, "s", must=at_most(0.5))
    if board.quick:
        board.skip(f"{FULL_DATABASES * load.TABLES_PER_DATABASE:,} tables", "a minute is too short")


def _measure_longest_wait(caller: SignedClient, databases: int, watched: float) -> float:
    """Reads one table again and again after a write, for as long as the seeding took, as writing takes less."""
    caller.glue("CreateDatabase", DatabaseInput={"Name": "made_by_the_bench"})
    until, longest = time.perf_counter() + max(watched, 3.0), 0.0
    while time.perf_counter() < until:
        longest = max(
            longest,
            measure_seconds(lambda: caller.glue("GetTable", DatabaseName=f"db_{databases}", Name="t_1")),
        )
    return longest


PARTS: dict[str, Callable[[BenchReport, dict[str, Any]], None]] = {
    "start": measure_start,
    "reset": measure_reset,
    "threads": measure_threads,
    "pages": measure_pages,
    "grants": measure_grants,
    "beside-moto": measure_peer_grants,
    "tables": measure_tables,
}
