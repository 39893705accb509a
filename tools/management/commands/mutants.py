"""`manage.py mutants`: makes small faults in a copy of the project, and checks that the tests notice each of them."""

import json
import random
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from demo.bootstrap import ROOT
from demo.supervisor.exit_codes import exit_after
from tools.mutants.mutants import AREAS, select_mutants
from tools.mutants.runner import MutantReport, run_mutants, run_sampled_mutants
from tools.mutants.sampling import LineTests, record_line_tests, sample_mutants

SECONDS_EACH = 300.0


class Command(BaseCommand):
    help = "Makes small faults in a copy of the project, and checks that the tests notice each of them."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", action="append", choices=[*AREAS], help="one area, or several")
        parser.add_argument("-k", dest="text", default="", help="only mutants whose name contains this text")
        parser.add_argument(
            "--list", action="store_true", help="list the mutants and their tests, run nothing"
        )
        parser.add_argument(
            "--timeout",
            type=float,
            default=SECONDS_EACH,
            help=f"seconds for the tests of one mutant (default {SECONDS_EACH:g})",
        )
        parser.add_argument(
            "--sample", type=int, metavar="N", help="judge N mutants drawn from all packages instead"
        )
        parser.add_argument("--seed", type=int, help="of the sample (default: drawn, and printed)")
        parser.add_argument(
            "--coverage",
            type=Path,
            metavar="FILE",
            help="with --sample: keeps in FILE which tests run which lines, and reads it from there if it exists",
        )
        parser.add_argument("--jobs", type=int, default=2, help="processes that judge a sample (default 2)")
        parser.add_argument("--json", action="store_true", help="print the results as one JSON object, last")

    def handle(self, **options: Any) -> None:
        """Exits with 0, 1 when a mutant survived or is invalid, 2 when nothing can be run, 130 on Ctrl-C."""
        exit_after(lambda: run(options))


def run(options: dict[str, Any]) -> int:
    """Lists or runs the mutants that are asked for; returns the exit code."""
    if options["sample"]:
        return run_sample(options)
    mutants = select_mutants(options["only"] or (), options["text"])
    if options["list"]:
        for area, mutant in mutants:
            write_line(f"{area:<14}{mutant.name} ({mutant.file}): {' '.join(mutant.tests)}")
        return 0
    if not mutants:
        write_line("No mutant has such a name.")
        return 2
    return write_report(run_mutants(mutants, write_line, seconds_each=options["timeout"]), options)


def run_sample(options: dict[str, Any]) -> int:
    seed = random.randrange(1_000_000) if options["seed"] is None else options["seed"]
    sample = sample_mutants(ROOT, size=options["sample"], seed=seed)
    if options["list"]:
        for one in sample:
            write_line(f"{one.package:<14}{one.mutant.file}:{one.line} {one.mutant.name}")
        return 0
    write_line(f"Seed {seed}: {len(sample)} mutants")
    with tempfile.TemporaryDirectory(prefix="mm-coverage-") as folder:
        data_file = options["coverage"] or Path(folder) / "coverage"
        if not data_file.exists():
            record_line_tests(ROOT, data_file, write_line)
        line_tests = LineTests(data_file, ROOT)
    mutants = [
        (one.package, replace(one.mutant, tests=line_tests.find_tests(one.mutant.file, one.line)))
        for one in sample
    ]
    report = run_sampled_mutants(mutants, write_line, seconds_each=options["timeout"], jobs=options["jobs"])
    return write_report(report, options)


def write_report(report: MutantReport, options: dict[str, Any]) -> int:
    """Prints the report; the exit code."""
    write_line(report.format_summary())
    if options["json"]:
        write_line(json.dumps(report.to_json()))
    return 0 if report.ok else 1


def write_line(line: str) -> None:
    print(line, flush=True)
