"""How many submissions, approvals and revocations one process does in a second, beside a view that writes as many rows."""

import argparse
import json
import sys
from typing import Any

from tools.bench.deeds.client import DEEDS, ROUNDS
from tools.bench.harness.servers import build_django_environment, migrated_postgres
from tools.bench.harness.subprocesses import run_program
from tools.bench.report import BenchReport, at_most

HELP = "Submissions, approvals and revocations by the API, beside a minimal Django view that writes as many rows."
REQUESTS, QUICK_REQUESTS = 1_000, 100
MOST, FEW = 14.0, 7.0
"""Times the processor time of the minimal view."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--requests",
        type=int,
        help=f"submitted, approved and revoked; default {REQUESTS:,}, quick {QUICK_REQUESTS:,}",
    )


def run(board: BenchReport, options: dict[str, Any]) -> None:
    """One process does the same number of each deed, and of the minimal view's, by turns."""
    requests = options["requests"] or (QUICK_REQUESTS if board.quick else REQUESTS)
    measured = _measure(max(ROUNDS, requests), options["seed"])
    for name in DEEDS:
        deed = measured[name]
        least = board.add_figure(
            f"a minimal view that writes {deed['rows']} rows, by turns with {name}",
            deed["baseline_processor_ms"],
            "ms of Python",
        )
        board.add_figure(
            name,
            deed["processor_ms"],
            "ms of Python",
            baseline=least,
            must=at_most(MOST),
            stretch=at_most(FEW),
        )
        board.add_figure(f"{name} on one core", deed["rate"], "a second")
        board.add_figure(f"statements of one of the {name}", deed["statements"], "statements")


def _measure(requests: int, seed: int) -> dict[str, Any]:
    """By the name of the deed, what `client.measure` prints."""
    with migrated_postgres() as postgres:
        settings = {
            **build_django_environment(postgres),
            "MESHMARKET_SECURE_COOKIES": "false",
            "MESHMARKET_API_RATE_LIMIT": "0",
        }
        program = [sys.executable, "-m", "tools.bench.harness.subprocess_call"]
        full = {**settings, "DATABASE_URL": postgres.superuser_url("meshmarket")}
        run_program([*program, "tools.bench.search.meshmarket", "fill", str(requests), str(seed)], full)
        run_program([*program, "tools.bench.deeds.minimal_view", "create_table"], full)
        full["DJANGO_SETTINGS_MODULE"] = "tools.bench.deeds.settings"
        printed = run_program([*program, "tools.bench.deeds.client", "measure", str(requests)], full)
        found: dict[str, Any] = json.loads(printed.splitlines()[-1])
        return found
