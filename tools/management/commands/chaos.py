"""`manage.py chaos`: kills workers, makes the pretend AWS worse, and compares what is with what was agreed to."""

import json
import random
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from demo.supervisor.exit_codes import exit_after
from tools.chaos.report import FAULTS, Asked, Report, total
from tools.chaos.run.parallel import side_by_side
from tools.chaos.run.shards import joined, shares
from tools.chaos.run.sizes import FULL, QUICK, USUAL, Size
from tools.chaos.scenarios.catalog_sync import readings
from tools.chaos.scenarios.decisions import decisions
from tools.chaos.scenarios.drift import drift
from tools.chaos.scenarios.faults import faults
from tools.chaos.scenarios.histories import histories
from tools.chaos.scenarios.kills import kills
from tools.chaos.scenarios.outages import outages
from tools.chaos.scenarios.races import races
from tools.environment.aws_switches import CHOICES, switches_of, worded
from tools.environment.postgres import ground

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
LANES = (("outages", "faults", "sync", "decisions", "kills"), ("drift", "histories", "races"))
"""Of the first, much is waiting; the second is mostly work within one process, or two."""
QUICK_LANES = (("outages", "faults", "sync", "decisions"), ("drift", "kills", "histories", "races"))
"""Of little each, *kills* takes the longest of all, and *drift* no longer than others."""
ROWS = (
    "requests", "revoked", "kills", *FAULTS, "beside_whole_table", "statuses", "writes", "calls_ratio",
    "attempts", "expired", "added_delay", "gone_after", "scan_seconds", "proven_after", "seconds",
)  # fmt: skip


class Command(BaseCommand):
    help = "Kills workers and makes AWS worse while requests are worked off, and compares the outcome."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--part",
            action="append",
            choices=[*PARTS],
            help="one part alone, or several in this order (default: each)",
        )
        parser.add_argument("--seed", type=int, help="repeats a run's asks and choices (default: by lot)")
        parser.add_argument("--requests", type=int, help="how many asks, histories, races, changes")
        parser.add_argument("--kills", type=int, help="how many kills")
        parser.add_argument(
            "--processes",
            type=int,
            help="how many share a part (default: two for many histories, races or changes, and for all of sync)",
        )
        parser.add_argument(
            "--switches", choices=CHOICES, default="drawn", help="which way AWS goes where that is not known"
        )
        size = parser.add_mutually_exclusive_group()
        size.add_argument("--quick", action="store_true", help="little of each")
        size.add_argument("--full", action="store_true", help="all of each: hours")
        parser.add_argument("--json", action="store_true", help="print the figures as one JSON object, last")

    def handle(self, **options: Any) -> None:
        """Exits with 0, 1 when anything differs, 2 when it cannot start, 130 on Ctrl-C."""
        exit_after(lambda: run(options))


def run(options: dict[str, Any]) -> int:
    """Runs the parts that are named in this process, or all of them in two; returns the exit code."""
    seed = options["seed"] if options["seed"] is not None else random.randrange(1_000_000)
    say(f"Seed {seed}: repeat with --seed {seed}")
    say(f"Switches of the pretend AWS: {worded(switches_of(options['switches'], seed))}")
    if parts := options["part"]:
        figures = run_here(parts, options, seed)
    else:
        started = time.monotonic()
        lanes = QUICK_LANES if options["quick"] else LANES
        found = side_by_side([command_of(lane, options, seed) for lane in lanes], say)
        figures = total(found, seconds_since(started))
        say("\n".join(verdict_of(one) for one in figures["parts"]))
    if options["json"]:
        print(json.dumps(figures), flush=True)
    return 0 if figures["ok"] else 1


def run_here(parts: list[str], options: dict[str, Any], seed: int) -> dict[str, Any]:
    """One part after the other on the same ground; returns the figures of one, or of all with each of them."""
    started, found = time.monotonic(), []
    with ground(say):
        for part in parts:
            told = say if len(parts) == 1 else saying(part)
            each = shares(part, size_of(part, options), options["processes"])
            if len(each) > 1:
                report = shared(part, options, each, seed)
            else:
                switches = switches_of(options["switches"], seed)
                report = PARTS[part](Asked(seed, each[0].requests, each[0].kills, switches), told)
            say(table_of(report))
            found.append(report.to_json())
    return found[0] if len(parts) == 1 else total(found, seconds_since(started))


def shared(part: str, options: dict[str, Any], each: Iterable[Size], seed: int) -> Report:
    """A process for each size, side by side, the seed of each one above the last."""
    commands = [
        command_of(
            [part], {**options, "requests": size.requests, "kills": size.kills, "processes": 1}, seed + number
        )
        for number, size in enumerate(each)
    ]
    started = time.monotonic()
    report = joined(side_by_side(commands, say))
    report.seconds = seconds_since(started)
    return report


def seconds_since(started: float) -> float:
    return round(time.monotonic() - started, 1)


def size_of(part: str, options: dict[str, Any]) -> Size:
    size = (QUICK if options["quick"] else FULL if options["full"] else USUAL)[part]
    if options["requests"] or options["kills"]:
        return Size(options["requests"] or size.requests, options["kills"] or size.kills)
    return size


def command_of(parts: Iterable[str], options: dict[str, Any], seed: int) -> list[str]:
    named = [word for part in parts for word in ("--part", part)]
    given = ["--seed", str(seed), "--switches", options["switches"], "--json"]
    given += [f"--{name}" for name in ("quick", "full") if options[name]]
    given += [f"--{name}={options[name]}" for name in ("requests", "kills", "processes") if options[name]]
    return [sys.executable, "manage.py", "chaos", *named, *given]


def verdict_of(figures: dict[str, Any]) -> str:
    """One line of a part."""
    right = "right" if figures["right"] else "NOT RIGHT"
    return (
        f"{figures['part']}: {right}{'' if figures['in_time'] else ', NOT IN TIME'}, {figures['seconds']} s"
    )


def table_of(report: Report) -> str:
    """The figures of a part as aligned lines; of those that may be 0, only what is not."""
    lines = [verdict_of(report.to_json())]
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


def saying(part: str) -> Callable[[str], None]:
    """Says whose line it is."""
    return lambda line: say(f"[{part}] {line}")
