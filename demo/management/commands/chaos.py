"""`manage.py chaos`: kills workers, makes the pretend AWS worse, and compares what is with what was agreed to."""

import json
import random
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from demo.chaos.decisions import decisions
from demo.chaos.drifts import drift
from demo.chaos.histories import histories
from demo.chaos.outages import outages
from demo.chaos.races import races
from demo.chaos.readings import readings
from demo.chaos.run import FAULTS, Asked, Report, faults, kills, total
from demo.chaos.ways import CHOICES, switches_of, worded
from demo.exits import exit_after

PARTS = {
    "kills": kills,
    "faults": faults,
    "outages": outages,
    "decisions": decisions,
    "histories": histories,
    "races": races,
    "sync": readings,
    "drift": drift,
}
FULL, QUICK = 500, 40
ROWS = (
    "requests", "revoked", "kills", *FAULTS, "beside_whole_table", "statuses", "writes", "calls_ratio",
    "attempts", "expired", "added_delay", "gone_after", "proven_after", "seconds",
)  # fmt: skip


class Command(BaseCommand):
    help = "Kills workers and makes AWS worse while requests are worked off, and compares the outcome."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--part", choices=[*PARTS], help="one part alone (default: each)")
        parser.add_argument("--seed", type=int, help="repeats a run's asks and choices (default: by lot)")
        parser.add_argument("--requests", type=int, help=f"default {FULL}")
        parser.add_argument("--kills", type=int, help=f"default {FULL}")
        parser.add_argument(
            "--switches", choices=CHOICES, default="drawn", help="which way AWS goes where that is not known"
        )
        parser.add_argument("--quick", action="store_true", help=f"{QUICK} requests, {QUICK} kills")
        parser.add_argument("--json", action="store_true", help="print the figures as one JSON object, last")

    def handle(self, **options: Any) -> None:
        """Exits with 0, 1 when anything differs, 2 when it cannot start, 130 on Ctrl-C."""
        exit_after(lambda: run(options))


def run(options: dict[str, Any]) -> int:
    """Runs the parts one after the other; returns the exit code."""
    usual = QUICK if options["quick"] else FULL
    seed = options["seed"] if options["seed"] is not None else random.randrange(1_000_000)
    switches = switches_of(options["switches"], seed)
    asked = Asked(seed, options["requests"] or usual, options["kills"] or usual, switches)
    say(f"Seed {seed}: repeat with --seed {seed}")
    say(f"Switches of the pretend AWS: {worded(switches)}")
    reports = []
    for name in [options["part"]] if options["part"] else PARTS:
        say(f"Part {name}: {asked.requests} requests")
        reports.append(PARTS[name](asked, say))
        say(table_of(reports[-1]))
    found = total(reports)
    if options["json"]:
        print(json.dumps(found), flush=True)
    return 0 if found["ok"] else 1


def table_of(report: Report) -> str:
    """The figures of a part as aligned lines; of those that may be 0, only what is not."""
    verdict = "right" if report.is_right else "NOT RIGHT"
    lines = [f"{report.part}: {verdict}{'' if report.is_in_time else ', NOT IN TIME'}"]
    told = [name for name in ROWS if name in FAULTS or getattr(report, name)]
    lines += [f"  {name.replace('_', ' '):<42}{getattr(report, name)}" for name in told]
    lines += [f"  {kind:<42}{count}" for kind, count in sorted(report.kinds.items())]
    lines += [f"  killed {moment:<35}{count}" for moment, count in sorted(report.kills_by_moment.items())]
    lines += [
        f"  killed at {operation:<32}{count}"
        for operation, count in sorted(report.kills_by_operation.items())
    ]
    lines += [f"  {code:<42}{count}" for code, count in sorted(report.errors.items()) if code]
    return "\n".join(lines)


def say(line: str) -> None:
    print(line, flush=True)
