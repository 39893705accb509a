"""`manage.py fuzz`: calls the whole API with drawn input and judges each answer by the OpenAPI document."""

import random
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from demo.supervisor.exit_codes import exit_after
from tools.fuzz.callers import CALLERS, seeded_bank
from tools.fuzz.run import ApiFuzzer, FuzzOptions

EXAMPLES = 5


class Command(BaseCommand):
    help = "Calls the whole API with drawn input and judges each answer by the OpenAPI document."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, help="repeats a run's calls (default: drawn, and printed)")
        size = parser.add_mutually_exclusive_group()
        size.add_argument(
            "--examples",
            type=int,
            default=EXAMPLES,
            help=f"passes over all operations (default {EXAMPLES})",
        )
        size.add_argument("--seconds", type=float, help="goes on for so long instead")
        parser.add_argument(
            "--as",
            dest="callers",
            action="append",
            choices=CALLERS,
            help="one caller, or several (default: each)",
        )
        parser.add_argument(
            "--only", default="", help="only operations with this in their name, as `POST /api/v1/offers`"
        )
        parser.add_argument("--operations", action="store_true", help="shows what answered each operation")

    def handle(self, **options: Any) -> None:
        """Exits with 0, 1 when there are findings, 2 when it cannot start, 130 on Ctrl-C."""
        exit_after(lambda: run(options))


def run(options: dict[str, Any]) -> int:
    """Makes the calls; returns the exit code."""
    seed = random.randrange(1_000_000) if options["seed"] is None else options["seed"]
    write_line(f"Seed {seed}: repeat with --seed {seed}")
    callers = options["callers"] or CALLERS
    asked = FuzzOptions(seed, options["examples"], callers, options["seconds"], options["only"])
    with seeded_bank(write_line) as run_workers:
        report = ApiFuzzer(asked, write_line, run_workers).run()
    if options["operations"]:
        write_line(report.format_operations())
    write_line(report.format())
    return 0 if report.ok else 1


def write_line(line: str) -> None:
    print(line, flush=True)
