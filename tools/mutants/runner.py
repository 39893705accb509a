"""Runs the tests of each mutant in a working copy, on services of their own."""

import multiprocessing
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import repeat
from pathlib import Path
from typing import Any

from demo.bootstrap import ROOT
from demo.embedded.child_process import Child, EmbeddedError, wait_until
from demo.embedded.throwaway_services import throwaway_services
from demo.management.commands.test import shared_bytecode
from tools.mutants.mutant import Mutant

BASELINE_SECONDS = 3600.0
POLL_SECONDS = 0.05
STOP_SECONDS = 30.0
"""Seconds that pytest has to drop its database when it is interrupted."""
PASSED, TESTS_FAILED = 0, 1
FAILED_TEST = re.compile(r"^FAILED (\S+)", re.MULTILINE)
"""Of pytest's summary: a test that failed. What cannot be collected or set up is an ERROR there."""
PYTEST = (sys.executable, "-m", "pytest", "-q", "-n0", "-m", "not all", "--tb=no", "-p", "no:cacheprovider")
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", ".demo", ".local", ".*_cache", ".hypothesis", "__pycache__"
)


class Outcome(StrEnum):
    """`killed`: a test failed; `timed out`: the tests did not end, which counts as killed; `survived`: all tests passed;
    `invalid`: no test failed and they did not pass either, as where the fault prevents an import.
    """

    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"
    INVALID = "invalid"


@dataclass(frozen=True)
class MutantResult:
    """`detail`: the test that failed, or the last line of the tests' output of an invalid mutant."""

    area: str
    mutant: Mutant
    outcome: Outcome
    seconds: float
    detail: str = ""

    def format_line(self) -> str:
        return f"{self.outcome:<10}{self.seconds:>7.1f} s  {self.area:<14}{self.mutant.name}"

    def to_json(self) -> dict[str, Any]:
        return {
            "area": self.area,
            "name": self.mutant.name,
            "file": self.mutant.file,
            "outcome": self.outcome.value,
            "seconds": self.seconds,
            "detail": self.detail,
        }


@dataclass(frozen=True)
class MutantReport:
    results: Sequence[MutantResult]
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether the tests noticed every fault."""
        return all(result.outcome in {Outcome.KILLED, Outcome.TIMED_OUT} for result in self.results)

    def format_summary(self) -> str:
        """What has to be looked at, and the totals last."""
        lines = [line for result in self.results for line in _format_problem(result)]
        counts = Counter(result.outcome for result in self.results)
        totals = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome)
        return "\n".join([*lines, f"{len(self.results)} mutants: {totals}; {self.seconds} s"])

    def to_json(self) -> dict[str, Any]:
        counts = Counter(result.outcome for result in self.results)
        totals = {outcome.name.lower(): counts[outcome] for outcome in Outcome}
        mutants = [result.to_json() for result in self.results]
        return {"ok": self.ok, **totals, "seconds": self.seconds, "mutants": mutants}


def run_mutants(
    mutants: Sequence[tuple[str, Mutant]],
    say: Callable[[str], None],
    *,
    seconds_each: float,
    root: Path = ROOT,
) -> MutantReport:
    """Makes one mutant after the other and runs its tests. EmbeddedError when these fail without any mutant."""
    began = time.monotonic()
    with working_copy(root) as (copy, runner):
        check_baseline(runner, mutants, say)
        results = judge_mutants(copy, runner, mutants, say, seconds_each)
    return MutantReport(results, round(time.monotonic() - began, 1))


def run_sampled_mutants(
    mutants: Sequence[tuple[str, Mutant]],
    say: Callable[[str], None],
    *,
    seconds_each: float,
    jobs: int,
    root: Path = ROOT,
) -> MutantReport:
    """Judges mutants whose tests are known to pass, in `jobs` processes. One without tests has survived."""
    began = time.monotonic()
    untested = [
        MutantResult(area, one, Outcome.SURVIVED, 0.0, "no test runs this line")
        for area, one in mutants
        if not one.tests
    ]
    tested = [(area, one) for area, one in mutants if one.tests]
    shares = [tested[number::jobs] for number in range(jobs)]
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("fork")) as pool:
        judged = list(pool.map(judge_share, shares, repeat(say), repeat(seconds_each), repeat(root)))
    results = [*untested, *(result for share in judged for result in share)]
    return MutantReport(results, round(time.monotonic() - began, 1))


def judge_share(
    mutants: Sequence[tuple[str, Mutant]], say: Callable[[str], None], seconds_each: float, root: Path
) -> list[MutantResult]:
    with working_copy(root) as (copy, runner):
        return judge_mutants(copy, runner, mutants, say, seconds_each)


class WorkingCopy:
    def __init__(self, root: Path, folder: Path) -> None:
        """Copies `root` to `folder`, which shares the environment `.venv` with it."""
        self.folder = folder
        shutil.copytree(root, folder, ignore=NOT_COPIED)
        if (root / ".venv").exists():
            (folder / ".venv").symlink_to((root / ".venv").resolve())

    @contextmanager
    def with_mutant(self, mutant: Mutant) -> Iterator[None]:
        """The copy has this fault inside the block, and is restored after it."""
        file = self.folder / mutant.file
        source = file.read_text(encoding="utf-8")
        try:
            self._write(file, mutant.apply(source))
            yield
        finally:
            self._write(file, source)

    def _write(self, file: Path, text: str) -> None:
        """Each version has a time of its own in whole seconds, by which Python knows that it must be compiled again."""
        changed_at = int(file.stat().st_mtime) + 1
        file.write_text(text, encoding="utf-8")
        os.utime(file, (changed_at, changed_at))


@contextmanager
def working_copy(root: Path) -> Iterator[tuple[WorkingCopy, "PytestRunner"]]:
    """A copy of the project, and what runs its tests on services of their own."""
    with (
        tempfile.TemporaryDirectory(prefix="mm-mutants-") as folder,
        throwaway_services() as services,
        shared_bytecode() as bytecode,
    ):
        copy = WorkingCopy(root, Path(folder) / "project")
        yield (
            copy,
            PytestRunner(copy.folder, Path(folder) / "output", {**os.environ, **services, **bytecode}),
        )


def judge_mutants(
    copy: WorkingCopy,
    runner: "PytestRunner",
    mutants: Sequence[tuple[str, Mutant]],
    say: Callable[[str], None],
    seconds_each: float,
) -> list[MutantResult]:
    results = []
    for area, mutant in mutants:
        results.append(judge_mutant(copy, runner, area, mutant, seconds_each))
        say(results[-1].format_line())
    return results


class PytestRunner:
    """Runs tests of a copy of the project in a process of their own."""

    def __init__(self, folder: Path, log: Path, environment: Mapping[str, str]) -> None:
        self._folder, self._log, self._environment = folder, log, environment

    def run(self, arguments: Sequence[str], seconds: float) -> int | None:
        """The exit code of pytest; None when it took longer than `seconds` and was ended."""
        self._log.unlink(missing_ok=True)
        child = Child(
            "pytest",
            [*PYTEST, *arguments],
            log=self._log,
            environment=self._environment,
            folder=self._folder,
            stop_signal=signal.SIGINT,
            stop_seconds=STOP_SECONDS,
            before_exec=accept_interrupts,
        )
        child.start()
        try:
            wait_until(lambda: not child.is_running, seconds, POLL_SECONDS)
            return child.exit_code
        finally:
            child.stop()

    def list_failed_tests(self) -> list[str]:
        return FAILED_TEST.findall(self.read_output())

    def read_output(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""


def accept_interrupts() -> None:
    """A shell in the background has its children ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def check_baseline(
    runner: PytestRunner, mutants: Sequence[tuple[str, Mutant]], say: Callable[[str], None]
) -> None:
    """Runs every test once as it is. EmbeddedError when they do not pass."""
    began = time.monotonic()
    paths = dict.fromkeys(path for _area, mutant in mutants for path in mutant.tests)
    say(f"Running the tests of {len(mutants)} mutants without any")
    if runner.run([*paths], BASELINE_SECONDS) != PASSED:
        last = runner.read_output().strip().splitlines()[-8:]
        raise EmbeddedError("\n".join(["The tests do not pass without a mutant:", *last]))
    say(f"They pass, {time.monotonic() - began:.1f} s")


def judge_mutant(
    copy: WorkingCopy, runner: PytestRunner, area: str, mutant: Mutant, seconds: float
) -> MutantResult:
    began = time.monotonic()
    with copy.with_mutant(mutant):
        code = runner.run(["-x", *mutant.tests], seconds)
    taken = round(time.monotonic() - began, 1)
    outcome, detail = _classify(code, runner)
    return MutantResult(area, mutant, outcome, taken, detail)


def _classify(code: int | None, runner: PytestRunner) -> tuple[Outcome, str]:
    if code is None:
        return Outcome.TIMED_OUT, ""
    if code == PASSED:
        return Outcome.SURVIVED, ""
    failed = runner.list_failed_tests()
    if code == TESTS_FAILED and failed:
        return Outcome.KILLED, failed[0]
    lines = runner.read_output().strip().splitlines()
    return Outcome.INVALID, next((line for line in lines if line.startswith("ERROR")), (lines or [""])[-1])


def _format_problem(one: MutantResult) -> list[str]:
    """Nothing of a mutant that was killed; of one that timed out, that it was not a test that failed."""
    if one.outcome is Outcome.KILLED:
        return []
    head = f"{one.outcome}: {one.mutant.name} ({one.mutant.file})"
    if one.outcome is Outcome.TIMED_OUT:
        return [head]
    told = f"  {one.detail}" if one.detail else f"  passed: {' '.join(one.mutant.tests)}"
    return [head, f"  - {one.mutant.old.strip()}", f"  + {one.mutant.new.strip()}", told]
