"""`manage.py bench <subject>`: measures on this machine, prints JSON lines and a table, fails when a must is missed."""

from importlib import import_module
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from demo.supervisor.exit_codes import exit_after
from tools.bench.report import BenchReport

SUBJECTS = {
    "classification": "tools.bench.classification.bench",
    "mocklake": "tools.bench.mocklake.bench",
    "deeds": "tools.bench.deeds.bench",
    "start": "tools.bench.start.bench",
    "engine": "tools.bench.engine.bench",
    "lineage": "tools.bench.lineage.bench",
    "usage": "tools.bench.usage.bench",
    "mirror": "tools.bench.mirror.bench",
    "pages": "tools.bench.pages.bench",
    "search": "tools.bench.search.bench",
}
SEED = 1


class Command(BaseCommand):
    help = "Measures a part of Meshmarket on this machine and holds the figures against what they must be."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        subjects = parser.add_subparsers(dest="subject", required=True, metavar="subject")
        for name, module in SUBJECTS.items():
            subject = import_module(module)
            own = subjects.add_parser(name, help=subject.HELP, description=subject.HELP)
            own.add_argument(
                "--quick", action="store_true", help="a minute at most; what it leaves out is said"
            )
            own.add_argument(
                "--seed", type=int, default=SEED, help=f"repeats a run's choices (default {SEED})"
            )
            subject.add_arguments(own)

    def handle(self, **options: Any) -> None:
        """Exits with 0, 1 when a must is missed, 2 when something cannot start, 130 on Ctrl-C."""
        exit_after(lambda: run(options))


def run(options: dict[str, Any]) -> int:
    """Measures one subject; returns the exit code."""
    board = BenchReport(write_line, quick=options["quick"])
    import_module(SUBJECTS[options["subject"]]).run(board, options)
    write_line(board.format_table())
    return board.exit_code


def write_line(line: str) -> None:
    print(line, flush=True)
