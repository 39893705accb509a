"""`manage.py mutants`: makes small faults in a copy of the project, and checks that the tests notice each of them."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from demo.supervisor.exit_codes import exit_after
from tools.mutants.mutants import AREAS, select_mutants
from tools.mutants.runner import run_mutants

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
        parser.add_argument("--json", action="store_true", help="print the results as one JSON object, last")

    def handle(self, **options: Any) -> None:
        """Exits with 0, 1 when a mutant survived or is invalid, 2 when nothing can be run, 130 on Ctrl-C."""
        exit_after(lambda: run(options))


def run(options: dict[str, Any]) -> int:
    """Lists or runs the mutants that are asked for; returns the exit code."""
    mutants = select_mutants(options["only"] or (), options["text"])
    if options["list"]:
        for area, mutant in mutants:
            write_line(f"{area:<14}{mutant.name} ({mutant.file}): {' '.join(mutant.tests)}")
        return 0
    if not mutants:
        write_line("No mutant has such a name.")
        return 2
    report = run_mutants(mutants, write_line, seconds_each=options["timeout"])
    write_line(report.format_summary())
    if options["json"]:
        write_line(json.dumps(report.to_json()))
    return 0 if report.ok else 1


def write_line(line: str) -> None:
    print(line, flush=True)
