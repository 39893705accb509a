"""`manage.py chaos`: kills workers, makes the pretend AWS worse, and compares what is with what was agreed to."""

import json
import random
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from demo.supervisor.exit_codes import exit_after
from tools.chaos.report import FAULTS, PartReport, RunOptions, sum_reports
from tools.chaos.run.parallel import FULL, QUICK, USUAL, PartSize, merge_reports, run_in_parallel, split_size
from tools.chaos.scenarios.catalog_sync import run_sync
from tools.chaos.scenarios.decisions import run_decisions
from tools.chaos.scenarios.drift import run_drift
from tools.chaos.scenarios.histories import run_histories
from tools.chaos.scenarios.kills import run_faults, run_kills, run_registrations, run_sweep_kills
from tools.chaos.scenarios.outages import run_outages
from tools.chaos.scenarios.races import run_races
from tools.environment.aws_switches import CHOICES, choose_switches, format_switches
from tools.environment.shared_postgres import shared_postgres

PARTS = {
    "kills": run_kills,
    "sweeps": run_sweep_kills,
    "faults": run_faults,
    "outages": run_outages,
    "decisions": run_decisions,
    "histories": run_histories,
    "races": run_races,
    "registrations": run_registrations,
    "sync": run_sync,
    "drift": run_drift,
}
LANES = (
    ("outages", "faults", "sync", "decisions", "registrations", "kills", "sweeps"),
    ("drift", "histories", "races"),
)
"""Of the first, much is waiting; the second is mostly work within one process, or two."""
QUICK_LANES = (
    ("outages", "faults", "sync", "decisions", "registrations", "sweeps"),
    ("drift", "kills", "histories", "races"),
)
"""Of little each, *kills* takes the longest of all, and *drift* no longer than others."""
REPORTED_FIGURES = (
    "requests", "revoked", "kills", *FAULTS, "sent_twice", "beside_whole_table", "statuses", "writes", "calls_ratio",
    "attempts", "expired", "added_delay", "claim_seconds", "refill_seconds", "takeover_seconds", "gone_after", "scan_seconds", "proven_after", "seconds",
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
        parser.add_argument("--seed", type=int, help="repeats a run's requests and choices (default: drawn)")
        parser.add_argument("--requests", type=int, help="how many requests, histories, races, changes")
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
    write_line(f"Seed {seed}: repeat with --seed {seed}")
    write_line(f"Switches of the pretend AWS: {format_switches(choose_switches(options['switches'], seed))}")
    if parts := options["part"]:
        figures = run_parts(parts, options, seed)
    else:
        started = time.monotonic()
        lanes = QUICK_LANES if options["quick"] else LANES
        found = run_in_parallel([build_command(lane, options, seed) for lane in lanes], write_line)
        figures = sum_reports(found, measure_since(started))
        write_line("\n".join(format_verdict(part) for part in figures["parts"]))
    if options["json"]:
        print(json.dumps(figures), flush=True)
    return 0 if figures["ok"] else 1


def run_parts(parts: list[str], options: dict[str, Any], seed: int) -> dict[str, Any]:
    """One part after the other on one PostgreSQL; returns the figures of one, or of all with each of them."""
    started, found = time.monotonic(), []
    with shared_postgres(write_line):
        for part in parts:
            told = write_line if len(parts) == 1 else make_prefixed_writer(part)
            size = split_size(part, get_size(part, options), options["processes"])
            if len(size) > 1:
                report = run_shared(part, options, size, seed)
            else:
                switches = choose_switches(options["switches"], seed)
                report = PARTS[part](RunOptions(seed, size[0].requests, size[0].kills, switches), told)
            write_line(format_report(report))
            found.append(report.to_json())
    return found[0] if len(parts) == 1 else sum_reports(found, measure_since(started))


def run_shared(part: str, options: dict[str, Any], each: Iterable[PartSize], seed: int) -> PartReport:
    """A process for each size, side by side, the seed of each one above the last."""
    commands = [
        build_command(
            [part], {**options, "requests": size.requests, "kills": size.kills, "processes": 1}, seed + number
        )
        for number, size in enumerate(each)
    ]
    started = time.monotonic()
    report = merge_reports(run_in_parallel(commands, write_line))
    report.seconds = measure_since(started)
    return report


def measure_since(started: float) -> float:
    return round(time.monotonic() - started, 1)


def get_size(part: str, options: dict[str, Any]) -> PartSize:
    size = (QUICK if options["quick"] else FULL if options["full"] else USUAL)[part]
    if options["requests"] or options["kills"]:
        return PartSize(options["requests"] or size.requests, options["kills"] or size.kills)
    return size


def build_command(parts: Iterable[str], options: dict[str, Any], seed: int) -> list[str]:
    named = [word for part in parts for word in ("--part", part)]
    given = ["--seed", str(seed), "--switches", options["switches"], "--json"]
    given += [f"--{name}" for name in ("quick", "full") if options[name]]
    given += [f"--{name}={options[name]}" for name in ("requests", "kills", "processes") if options[name]]
    return [sys.executable, "manage.py", "chaos", *named, *given]


def format_verdict(figures: dict[str, Any]) -> str:
    """One line of a part."""
    right = "right" if figures["right"] else "NOT RIGHT"
    return (
        f"{figures['part']}: {right}{'' if figures['in_time'] else ', NOT IN TIME'}, {figures['seconds']} s"
    )


def format_report(report: PartReport) -> str:
    """The figures of a part as aligned lines; of those that may be 0, only what is not."""
    lines = [format_verdict(report.to_json())]
    told = [name for name in REPORTED_FIGURES if name in FAULTS or getattr(report, name)]
    lines += [f"  {name.replace('_', ' '):<42}{getattr(report, name)}" for name in told]
    lines += [f"  {kind:<42}{count}" for kind, count in sorted(report.kinds.items())]
    lines += [f"  killed {moment:<35}{count}" for moment, count in sorted(report.kills_by_moment.items())]
    lines += [
        f"  killed at {operation:<32}{count}"
        for operation, count in sorted(report.kills_by_operation.items())
    ]
    lines += [f"  {code:<42}{count}" for code, count in sorted(report.errors.items()) if code]
    return "\n".join(lines)


def write_line(line: str) -> None:
    print(line, flush=True)


def make_prefixed_writer(part: str) -> Callable[[str], None]:
    """Says whose line it is."""
    return lambda line: write_line(f"[{part}] {line}")
