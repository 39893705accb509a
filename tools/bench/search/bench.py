"""What a search takes beside tantivy, on catalogs of several sizes; and that it is right."""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from demo.bootstrap import ROOT
from demo.embedded import database_roles
from demo.embedded.child_process import EmbeddedError
from tools.bench.harness.servers import build_django_environment, migrated_postgres
from tools.bench.harness.subprocesses import build_environment, python_with, run_program
from tools.bench.report import BenchReport, Bound, Figure, at_least, at_most
from tools.bench.search.relevance import bench as relevance

HELP = "The search: pages, frequent words, browsing, completion, misspelt words, growth, relevance; beside tantivy."
TABLES, QUICK_TABLES = 100_000, 10_000
LARGER_TABLES, MAX_RUN_SECONDS = 1_000_000, 60 * 60.0
FILL_FACTOR, MEASURING_SECONDS = 1.3, 120.0
"""What filling a catalog takes more than its share; seconds for measuring it."""
PEER_BOUND_TABLES = 50_000
"""Tables from which on the peer is a measure: on fewer it answers sooner than a statement is planned."""
PIP_SECONDS = 90
ROUNDS, SECONDS, QUICK_SECONDS = 3, 2.0, 0.5
PEER_BOUNDS: dict[str, tuple[str, Bound, Bound]] = {
    "page": ("page of two words", at_most(3), at_most(1.6)),
    "frequent": ("page of a frequent word", at_most(15), at_most(3)),
    "browse": ("browsing with facets", at_most(0.5), at_most(0.2)),
    "letter": ("completion of one letter", at_most(0.5), at_most(0.2)),
}
GROWTH_BOUNDS: dict[str, tuple[Bound, Bound]] = {
    "page": (at_most(6), at_most(3)),
    "browse": (at_most(1.5), at_most(1.1)),
    "letter": (at_most(1.5), at_most(1.1)),
}
MAX_PAGE = at_most(60)
"""Milliseconds; on a catalog on which the peer is a measure."""
FiguresByKind = dict[str, Figure]
SHARED_BUFFERS = "2GB"
"""What PostgreSQL keeps in memory, a fourth of a machine of 8 GB as its manual advises: the peer has all of its index there."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--tables", type=int, help=f"of the catalog (default {TABLES:,}, quick {QUICK_TABLES:,})"
    )
    parser.add_argument(
        "--larger", type=int, default=LARGER_TABLES, help=f"of the one for growth (default {LARGER_TABLES:,})"
    )
    parser.add_argument("--peer", default="", help="a Python that has tantivy; without it one is made")
    parser.add_argument(
        "--seconds",
        type=float,
        help=f"for which a kind is asked at a time; default {SECONDS:g}, quick {QUICK_SECONDS:g}",
    )
    relevance.add_arguments(parser)


def run(board: BenchReport, options: dict[str, Any]) -> None:
    """The relevance alone where it is asked for, else what a search takes."""
    if options["relevance"]:
        relevance.run(board, options)
    else:
        _measure_speed(board, options)


def _measure_speed(board: BenchReport, options: dict[str, Any]) -> None:
    """One catalog with all figures; a larger one, of which growth is told, if the hour is long enough."""
    began = time.monotonic()
    tables = options["tables"] or (QUICK_TABLES if board.quick else TABLES)
    seconds = options["seconds"] or (QUICK_SECONDS if board.quick else SECONDS)
    with python_with("tantivy", options["peer"], seconds=PIP_SECONDS) as python:
        if not python:
            board.skip("tantivy", "it is not here, and the package index did not give it")
        filled, small = _measure_catalog(board, tables, options["seed"], python, seconds)
        larger = options["larger"]
        needed = filled * FILL_FACTOR * larger / tables + MEASURING_SECONDS
        left = MAX_RUN_SECONDS - (time.monotonic() - began)
        name = f"a catalog of {larger:,} tables"
        if board.has_time_for(name, needed) and needed > left:
            why = f"filling it takes about {needed:,.0f} s, and the hour has {left:,.0f} s left"
            board.skip(name, why)
        elif needed <= left and not board.quick:
            _measure_growth(board, options | {"seconds": seconds}, small, python)


def _measure_catalog(
    board: BenchReport, tables: int, seed: int, python: str, seconds: float
) -> tuple[float, FiguresByKind]:
    with ExitStack() as stack:
        ours, filled = stack.enter_context(run_meshmarket(tables, seed))
        peer = stack.enter_context(run_peer(python, tables, seed)) if python else None
        board.add_figure(f"filling with {tables:,} tables", filled, "s")
        times = _measure_times(board, ours, peer, seconds, is_held=tables >= PEER_BOUND_TABLES)
        _measure_misspelled(board, ours, seconds)
        _check_results(board, ours)
    return filled, times


class SearchProcess:
    """One process: it is asked kind by kind, and answers when it has measured."""

    def __init__(self, program: list[str], environment: dict[str, str]) -> None:
        self._child = subprocess.Popen(
            program, cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._read_line()

    def request(self, kind: str, seconds: float = 0.0, asked: str = "") -> dict[str, Any]:
        """EmbeddedError when the process is gone."""
        assert self._child.stdin
        said = {"kind": kind, "seconds": seconds, "asked": asked or kind}
        self._child.stdin.write(json.dumps(said) + "\n")
        self._child.stdin.flush()
        return self._read_line()

    def measure_median(self, kind: str, seconds: float, asked: str = "") -> float:
        """Milliseconds."""
        return float(self.request(kind, seconds, asked)["p50"])

    def _read_line(self) -> dict[str, Any]:
        assert self._child.stdout
        line = self._child.stdout.readline()
        if not line:
            raise EmbeddedError("An engine of the bench ended before it answered.")
        found: dict[str, Any] = json.loads(line)
        return found

    def close(self) -> None:
        assert self._child.stdin
        assert self._child.stdout
        self._child.stdin.close()
        self._child.wait()
        self._child.stdout.close()


def _measure_times(
    board: BenchReport, ours: SearchProcess, peer: SearchProcess | None, seconds: float, *, is_held: bool
) -> FiguresByKind:
    """Ids, order and facets, by turns with the peer; then the page with all its texts, which no peer has."""
    told = {}
    for kind, (name, must, stretch) in PEER_BOUNDS.items():
        own, other = _measure_in_turns(seconds, kind, ours, peer)
        if other is None:
            told[kind] = board.add_figure(name, own, "ms")
        else:
            base = board.add_figure(f"tantivy: {name}", other, "ms")
            bounds = {"must": must, "stretch": stretch} if is_held else {}
            told[kind] = board.add_figure(name, own, "ms", baseline=base, **bounds)
    rounds = [ours.request("whole", seconds, "page") for _ in range(ROUNDS)]
    name = "page of two words, with texts and reasons"
    board.add_figure(name, min(each["p50"] for each in rounds), "ms")
    p95 = min(each["p95"] for each in rounds)
    board.add_figure(f"{name}, 95th percentile", p95, "ms", must=MAX_PAGE if is_held else None)
    return told


def _measure_in_turns(
    seconds: float, kind: str, ours: SearchProcess, peer: SearchProcess | None
) -> tuple[float, float | None]:
    own, other = [], []
    for _ in range(ROUNDS):
        own.append(ours.measure_median(kind, seconds))
        other += [peer.measure_median(kind, seconds)] if peer else []
    return min(own), min(other, default=None)


def _measure_misspelled(board: BenchReport, ours: SearchProcess, seconds: float) -> None:
    rounds = [
        (
            ours.measure_median("whole", seconds, "right"),
            ours.measure_median("misspelt", seconds),
        )
        for _ in range(ROUNDS)
    ]
    right = board.add_figure("page of a word", min(each for each, _ in rounds), "ms")
    board.add_figure(
        "page of the word misspelt", min(each for _, each in rounds), "ms", baseline=right,
        must=at_most(3), stretch=at_most(2),
    )  # fmt: skip
    share = 100 * ours.request("corrections")["share"]
    board.add_figure("misspelt words put right", share, "%", must=at_least(95), stretch=at_least(99))


def _check_results(board: BenchReport, ours: SearchProcess) -> None:
    checked = ours.request("check")
    board.add_figure("hits that were checked", checked["hits"], "hits", must=at_least(1))
    board.add_figure("hits that must not be seen", checked["hidden"], "hits", must=at_most(0))
    board.add_figure("facets that do not add up", checked["sums"], "searches", must=at_most(0))


def _measure_growth(board: BenchReport, options: dict[str, Any], small: FiguresByKind, python: str) -> None:
    """How much longer than in the smaller catalog; and the frequent word beside the peer, which grows as well."""
    tables, seed, seconds = options["larger"], options["seed"], options["seconds"]
    with ExitStack() as stack:
        ours, filled = stack.enter_context(run_meshmarket(tables, seed))
        board.add_figure(f"filling with {tables:,} tables", filled, "s")
        for kind, (must, stretch) in GROWTH_BOUNDS.items():
            own, _ = _measure_in_turns(seconds, kind, ours, None)
            name = f"{PEER_BOUNDS[kind][0]}, {tables:,} tables"
            board.add_figure(name, own, "ms", baseline=small[kind], must=must, stretch=stretch)
        if python:
            peer = stack.enter_context(run_peer(python, tables, seed))
            name, must, stretch = PEER_BOUNDS["frequent"]
            own, other = _measure_in_turns(seconds, "frequent", ours, peer)
            assert other is not None, "the peer was asked"
            base = board.add_figure(f"tantivy: {name}, {tables:,} tables", other, "ms")
            board.add_figure(
                f"{name}, {tables:,} tables", own, "ms", baseline=base, must=must, stretch=stretch
            )


@contextmanager
def run_meshmarket(count: int, seed: int) -> Iterator[tuple[SearchProcess, float]]:
    """Our search over so many tables, and the seconds that it took to fill it."""
    with ExitStack() as stack:
        postgres = stack.enter_context(migrated_postgres(shared_buffers=SHARED_BUFFERS))
        began = time.perf_counter()
        as_superuser = {
            **build_django_environment(postgres),
            "DATABASE_URL": postgres.superuser_url("meshmarket"),
        }
        program = [
            sys.executable,
            "-m",
            "tools.bench.harness.subprocess_call",
            "tools.bench.search.meshmarket",
        ]
        run_program([*program, "fill", str(count), str(seed)], as_superuser)
        filled = time.perf_counter() - began
        as_web = {
            **as_superuser,
            "DATABASE_URL": postgres.superuser_url("meshmarket", role=database_roles.WEB),
        }
        yield _start_process(stack, [*program, "answer", str(count), str(seed)], as_web), filled


@contextmanager
def run_peer(python: str, count: int, seed: int) -> Iterator[SearchProcess]:
    """The peer over the same tables; `python` is one that has tantivy."""
    with ExitStack() as stack:
        yield _start_process(
            stack, [python, "-m", "tools.bench.search.tantivy", str(count), str(seed)], build_environment()
        )


def _start_process(stack: ExitStack, program: list[str], environment: dict[str, str]) -> SearchProcess:
    engine = SearchProcess(program, environment)
    stack.callback(engine.close)
    return engine
