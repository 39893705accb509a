"""Usage: a million rows summed up by product and team, and the query of a product's page beside one indexed look-up."""

import argparse
import json
import sys
from typing import Any

from tools.bench.harness.servers import build_django_environment, migrated_postgres
from tools.bench.harness.subprocesses import run_program
from tools.bench.report import BenchReport, at_most

HELP = "Usage: a million rows summed up, and the queries of a product's page beside one indexed look-up."
ROWS, QUICK_ROWS = 1_000_000, 100_000
MAX_SECONDS = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", type=int, help=f"of reads, and as many of queries (default {ROWS:,})")


def run(board: BenchReport, options: dict[str, Any]) -> None:
    rows = options["rows"] or (QUICK_ROWS if board.quick else ROWS)
    found = _measure(rows)
    for name, key in (
        ("reads by product", "reads_s"),
        ("costs by product", "product_costs_s"),
        ("costs by team", "team_costs_s"),
        ("costs by month", "month_costs_s"),
    ):
        board.add_figure(f"{name}, {rows:,} rows", found[key], "s", must=at_most(MAX_SECONDS))
    lookup = board.add_figure("rows of one table by the index", found["lookup_ms"], "ms")
    board.add_figure("report of a product's page", found["page_ms"], "ms", baseline=lookup)


def _measure(rows: int) -> dict[str, float]:
    with migrated_postgres() as postgres:
        settings = build_django_environment(postgres)
        full = {**settings, "DATABASE_URL": postgres.superuser_url("meshmarket")}
        program = [sys.executable, "-m", "tools.bench.harness.subprocess_call", "tools.bench.usage.client"]
        printed = run_program([*program, "measure", str(rows)], full)
        found: dict[str, float] = json.loads(printed.splitlines()[-1])
        return found
