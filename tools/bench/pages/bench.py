"""What pages take on a server, beside the smallest page of Django on the same kind of server."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

from tools.bench.harness.subprocesses import run_program
from tools.bench.pages import main_pages
from tools.bench.pages.environment import (
    MeasuredSite,
    PageRequest,
    generate_random_requests,
    list_addresses,
    list_all_requests,
    pages_environment,
)
from tools.bench.pages.wide_tables import NARROW, WIDE
from tools.bench.report import BenchReport, at_least, at_most

HELP = (
    "Pages as they are served, and the 25 main pages in the demo's bank, beside the smallest page of Django."
)
PARTS = ("served", "wide", "main")
TABLES, QUICK_TABLES = 10_000, 1_000
REQUESTS, QUICK_REQUESTS = 10_000, 2_000
ROUNDS, SECONDS, QUICK_SECONDS = 3, 10.0, 1.0
"""Of a round each kind of page is requested for so many seconds."""
LEAST = {"the inbox": 0.35, "the search": 0.35, "browsing": 0.35, "a data product": 0.25}
"""Requests/s of each kind of page, as a share of those of the smallest page."""
MOST_OF_WIDE, WIDE_ROUNDS, QUICK_WIDE_ROUNDS = 3.0, 20, 3
"""Times the processor time of the same page with few columns; rounds of each."""
MAIN_ROUNDS, QUICK_MAIN_ROUNDS = 15, 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--part", action="append", choices=PARTS, help="this part alone, or several")
    parser.add_argument("--tables", type=int, help=f"default {TABLES:,}, quick {QUICK_TABLES:,}")
    parser.add_argument(
        "--requests", type=int, help=f"that wait; default {REQUESTS:,}, quick {QUICK_REQUESTS:,}"
    )
    parser.add_argument(
        "--seconds",
        type=float,
        help=f"for which a page is requested at a time; default {SECONDS:g}, quick {QUICK_SECONDS:g}",
    )


def run(board: BenchReport, options: dict[str, Any]) -> None:
    parts = options["part"] or PARTS
    if "main" in parts:
        main_pages.run(board, QUICK_MAIN_ROUNDS if board.quick else MAIN_ROUNDS)
    if {"served", "wide"}.intersection(parts):
        _measure_on_servers(board, options, parts)


def _measure_on_servers(board: BenchReport, options: dict[str, Any], parts: Sequence[str]) -> None:
    """Each kind of page and the smallest one answer by turns, two processes of one kind of server for each."""
    tables = options["tables"] or (QUICK_TABLES if board.quick else TABLES)
    requests = options["requests"] or (QUICK_REQUESTS if board.quick else REQUESTS)
    seconds = options["seconds"] or (QUICK_SECONDS if board.quick else SECONDS)
    seed = options["seed"]
    places = list_addresses(tables, seed)
    with ExitStack() as stack:
        ours, smallest, people, full = stack.enter_context(pages_environment(tables, requests, seed))
        for name, share in LEAST.items() if "served" in parts else ():
            asked = (
                list_all_requests(places[name], people, seed),
                generate_random_requests(places[name], people, seed),
            )
            first, again, base = _measure_in_turns(
                ours, smallest, asked, generate_random_requests(["/"], people, seed), seconds
            )
            least = board.add_figure(f"the smallest page, by turns with {name}", base, "requests/s")
            board.add_figure(f"{name}, shown first", first, "requests/s", baseline=least)
            board.add_figure(
                name, again, "requests/s", baseline=least, must=at_least(share), stretch=at_least(0.6)
            )
        if "wide" in parts:
            _measure_wide_tables(board, full)


def _measure_wide_tables(board: BenchReport, environment: dict[str, str]) -> None:
    program = [sys.executable, "-m", "tools.bench.harness.subprocess_call"]
    rounds = QUICK_WIDE_ROUNDS if board.quick else WIDE_ROUNDS
    printed = run_program([*program, "tools.bench.pages.wide_tables", "measure", str(rounds)], environment)
    for name, taken in json.loads(printed.splitlines()[-1]).items():
        narrow = board.add_figure(f"{name} of {NARROW} columns", taken[str(NARROW)], "ms of Python")
        board.add_figure(
            f"{name} of {WIDE:,} columns",
            taken[str(WIDE)],
            "ms of Python",
            baseline=narrow,
            must=at_most(MOST_OF_WIDE),
        )


def _measure_in_turns(
    ours: MeasuredSite,
    smallest: MeasuredSite,
    asked: tuple[Iterator[PageRequest], Iterator[PageRequest]],
    plain: Iterator[PageRequest],
    seconds: float,
) -> tuple[float, ...]:
    """The best of each: what slows one round down slows all."""
    first, again = asked
    taken = [
        (
            ours.measure_rate(first, seconds),
            ours.measure_rate(again, seconds),
            smallest.measure_rate(plain, seconds),
        )
        for _ in range(ROUNDS)
    ]
    return tuple(map(max, zip(*taken, strict=True)))
