"""Where the seconds of a run went, and whether they are within budget: `python -m tests.ledger.report RESULT ...`.

The last line counts the tests of all results in pytest's words. Exit code 1 beyond a budget.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.ledger.machine import JUDGED_UP_TO, compute_slowness
from tests.ledger.processes import Seconds
from tests.ledger.record import (
    LEDGER_FILE,
    Budgets,
    Ledger,
    read_budgets,
    read_ledger,
)

GROWN_SHARE, GROWN_SECONDS = 1.5, 3.0
"""What a busy machine may add to a file's seconds before a warning says that it grew."""
MOST_GROWN = 10
WIDTH = 80
SUMMARY_ORDER = ("failed", "passed", "skipped", "deselected", "xfailed", "xpassed", "warnings", "error")


@dataclass
class Run:
    """The sums over all processes of all runs of pytest, in seconds of the ledger's machine."""

    files: defaultdict[str, Seconds] = field(default_factory=lambda: defaultdict(Seconds))
    fixtures: defaultdict[str, Seconds] = field(default_factory=lambda: defaultdict(Seconds))
    collection: Seconds = field(default_factory=Seconds)
    beside: Seconds = field(default_factory=Seconds)
    postgres: float = 0.0
    """All that the server used."""
    counts: Counter[str] = field(default_factory=Counter)
    slowness: float = 1.0
    """How many times slower this machine was."""

    @classmethod
    def read(cls, results: Iterable[dict[str, Any]]) -> "Run":
        taken = list(results)
        processes = [process for result in taken for process in result["processes"]]
        run = cls(slowness=compute_slowness(process["machine"] for process in processes))
        for result in taken:
            run.counts.update(result["counts"])
            run.postgres = max(run.postgres, result["postgres"] / run.slowness)
            run.beside += Seconds(own=result["controller"]) / run.slowness
        for process in processes:
            run._add_process(process)
        return run

    def _add_process(self, process: dict[str, Any]) -> None:
        for name, seconds in process["files"].items():
            self.files[name] += Seconds(*seconds) / self.slowness
        for name, seconds in process["fixtures"].items():
            self.fixtures[name] += Seconds(*seconds) / self.slowness
        self.collection += Seconds(*process["collection"]) / self.slowness
        self.beside += Seconds(*process["beside"]) / self.slowness

    @property
    def charged(self) -> Seconds:
        """In the files and the shared fixtures."""
        return sum([*self.files.values(), *self.fixtures.values()], Seconds())

    @property
    def server(self) -> float:
        """What PostgreSQL used for no file: its start, clones, vacuum, sessions too short to be seen."""
        return max(0.0, self.postgres - self.charged.postgres - self.beside.postgres)

    @property
    def total(self) -> float:
        return self.charged.total + self.collection.total + self.beside.total + self.server

    def to_ledger(self) -> Ledger:
        return Ledger(
            {name: seconds.total for name, seconds in self.files.items()},
            {name: seconds.total for name, seconds in self.fixtures.items()},
        )


def get_folder(file: str) -> str:
    """`tests/portal`, `mocklake/tests`: the parts a reader knows."""
    parts = Path(file).parts
    return "/".join(parts[:2]) if len(parts) > 1 else file


def format_run(run: Run) -> Iterator[str]:
    if run.slowness > 1:
        yield f"This machine was {run.slowness:.2f} times slower than the ledger's: all seconds are divided by that."
    yield f"{run.total:,.0f} processor seconds, of which:"
    charged = run.charged
    yield f"  {charged.own:7,.0f}  test processes"
    yield f"  {charged.children:7,.0f}  processes that tests started"
    yield f"  {charged.postgres:7,.0f}  PostgreSQL, for tests"
    yield f"  {run.server:7,.0f}  PostgreSQL besides: start, clones, vacuum, short sessions"
    yield f"  {run.collection.total:7,.0f}  imports and collection"
    yield f"  {run.beside.total:7,.0f}  besides: pytest, reports, distribution"
    yield "By folder:"
    folders: defaultdict[str, Seconds] = defaultdict(Seconds)
    for name, seconds in run.files.items():
        folders[get_folder(name)] += seconds
    for name, seconds in run.fixtures.items():
        folders[f"(fixture {name})"] += seconds
    for name, seconds in sorted(folders.items(), key=lambda entry: -entry[1].total):
        if seconds.total >= 1:
            yield f"  {seconds.total:7,.0f}  {name}"


def format_growth(run: Run, ledger: Ledger) -> Iterator[str]:
    """The files that grew most since they were recorded."""
    grown = {
        name: (seconds.total - ledger.files.get(name, 0.0), seconds.total, ledger.files.get(name))
        for name, seconds in run.files.items()
    }
    most = sorted(grown.items(), key=lambda entry: -entry[1][0])[:MOST_GROWN]
    lines = [
        f"  {growth:+7.1f}  {name}: {now:.1f} s"
        + (", new" if before is None else f", recorded {before:.1f} s")
        for name, (growth, now, before) in most
        if growth >= 1
    ]
    if lines:
        yield "Grown most since the ledger was renewed:"
        yield from lines


def list_warnings(run: Run, ledger: Ledger, budgets: Budgets) -> Iterator[str]:
    if run.total > budgets.suite:
        yield f"the tests take {run.total:,.0f} processor seconds, their budget is {budgets.suite:,.0f}"
    for name, seconds in sorted(run.files.items()):
        budget, recorded = budgets.get_file_budget(name), ledger.files.get(name)
        if seconds.total > budget:
            yield f"{name} takes {seconds.total:.1f} s, its budget is {budget:.0f}"
        elif recorded is not None and seconds.total > GROWN_SHARE * recorded + GROWN_SECONDS:
            yield f"{name} takes {seconds.total:.1f} s, recorded are {recorded:.1f}"


def list_failures(run: Run, budgets: Budgets) -> list[str]:
    """What is beyond its budget by more than a busy machine explains; nothing on one that is too slow to tell."""
    if run.slowness > JUDGED_UP_TO:
        return []
    beyond = [
        f"{name} takes {seconds.total:.1f} s, {budgets.failing} times its budget are {most:.0f}"
        for name, seconds in sorted(run.files.items())
        if seconds.total > (most := budgets.failing * budgets.get_file_budget(name))
    ]
    if run.total > (most := budgets.failing * budgets.suite):
        beyond.append(
            f"the tests take {run.total:,.0f} s, {budgets.failing} times their budget are {most:,.0f}"
        )
    return beyond


def format_counts(counts: Counter[str], elapsed: float) -> str:
    """As pytest's last line."""
    words = {"warnings": "warning" if counts["warnings"] == 1 else "warnings", "error": "error" if counts["error"] == 1 else "errors"}  # fmt: skip
    parts = [f"{counts[name]} {words.get(name, name)}" for name in SUMMARY_ORDER if counts[name]]
    minutes, seconds = divmod(int(elapsed), 60)
    text = f" {', '.join(parts) or 'no tests ran'} in {elapsed:.2f}s ({minutes // 60}:{minutes % 60:02d}:{seconds:02d}) "
    return text.center(WIDTH, "=")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.ledger.report", description=__doc__)
    parser.add_argument("results", nargs="+", type=Path)
    parser.add_argument("--elapsed", type=float, default=0.0, help="seconds of the clock")
    parser.add_argument("--renew", choices=("part", "whole"), help="write the ledger")
    parser.add_argument("--judge", action="store_true", help="compare with the budgets")
    given = parser.parse_args(arguments)
    run = Run.read(json.loads(file.read_text()) for file in given.results if file.is_file())
    ledger, budgets = read_ledger(), read_budgets()
    print("\n".join(["", *format_run(run), *format_growth(run, ledger)]))
    failures = []
    if given.judge:
        for warning in list_warnings(run, ledger, budgets):
            print(f"Warning: {warning}")
        failures = list_failures(run, budgets)
        for failure in failures:
            print(f"Over budget: {failure}")
    if given.renew:
        LEDGER_FILE.write_text(ledger.renew(run.to_ledger(), whole=given.renew == "whole").format())
        print(f"The ledger is renewed: {LEDGER_FILE.name}")
    print(format_counts(run.counts, given.elapsed), flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
