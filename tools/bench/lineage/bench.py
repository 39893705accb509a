"""Lineage: events a second by the API, and two hops among many edges beside one indexed look-up."""

import argparse
import json
import sys
from typing import Any

from tools.bench.harness.servers import build_django_environment, migrated_postgres
from tools.bench.harness.subprocesses import run_program
from tools.bench.report import BenchReport, at_least, at_most

HELP = "Lineage: intake of events in batches by the API, and two hops among 100,000 edges beside one indexed look-up."
EVENTS, QUICK_EVENTS = 20_000, 4_000
EDGES = 100_000
MIN_EVENTS, MAX_HOPS = 1000, 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--edges", type=int, default=EDGES, help=f"of the graph (default {EDGES:,})")


def run(board: BenchReport, options: dict[str, Any]) -> None:
    found = _measure(QUICK_EVENTS if board.quick else EVENTS, options["edges"], options["seed"])
    board.add_figure(
        "events in batches of 100, one process", found["events"], "a second", must=at_least(MIN_EVENTS)
    )
    board.add_figure("events known already, in batches of 100", found["repeated"], "a second")
    lookup = board.add_figure("one indexed look-up", found["lookup_ms"], "ms")
    edges = f"{options['edges']:,}"
    for name, key in (("two hops of tables", "hops_ms"), ("two hops of a column", "column_hops_ms")):
        board.add_figure(
            f"{name} among {edges} edges", found[key], "ms", baseline=lookup, must=at_most(MAX_HOPS)
        )


def _measure(events: int, edges: int, seed: int) -> dict[str, float]:
    with migrated_postgres() as postgres:
        settings = {
            **build_django_environment(postgres),
            "MESHMARKET_SECURE_COOKIES": "false",
            "MESHMARKET_LINEAGE_RATE_LIMIT": "0",
        }
        full = {**settings, "DATABASE_URL": postgres.superuser_url("meshmarket")}
        program = [
            sys.executable,
            "-m",
            "tools.bench.harness.subprocess_call",
            "tools.bench.lineage.client",
            "measure",
        ]
        printed = run_program([*program, str(events), str(edges), str(seed)], full)
        found: dict[str, float] = json.loads(printed.splitlines()[-1])
        return found
