"""`manage.py test`: pytest on embedded services; with `--all` beside it the tests of mocklake, which need none.

The last printed line is pytest's own summary, with `--all` one like it for both.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand

from demo.bootstrap import ROOT, bytecode_variables
from demo.embedded.child_process import EmbeddedError, make_parent_death_hook
from demo.embedded.throwaway_services import throwaway_services

USAGE = """usage: manage.py test [--all [--renew-ledger] | --gate] [pytest arguments]
       manage.py test --clients [NAME ...]

  (nothing)  the gate, behaviour tests, one journey, one browser story
  --all      every test, the slow ones too, and mocklake's own (by themselves: make mocklake); says where the
             seconds went, and fails where they are far beyond tests/ledger/budgets.toml
  --renew-ledger  with --all: records what each test file took in tests/ledger/ledger.toml
  --gate     the gate only: formatting, types, imports, templates, migrations, architecture, docs
  --clients  foreign clients against mocklake, by name or all (nightly; installs each into .clients)
  Anything else goes to pytest: paths, -k, -x, -n 0, --lf"""
MOCKLAKE_TESTS = "mocklake/tests"
"""They have a configuration of their own, mocklake/pyproject.toml, and so a process of their own."""
PLUGIN = "tests.ledger.plugin"
"""Measures what each test file takes, and gives the longest to the processes first."""
PROCESSES = 3
"""One more than the cores of a small machine: many tests wait for a browser, a broker or a server."""
OWN_OPTIONS = {"--all", "--gate", "--renew-ledger"}
SELECTION_OPTIONS = ("-k", "-m", "--lf", "--last-failed", "--sw", "--stepwise", "--gate")
INTERRUPTED = 2
GATE_FOLDERS = ("tests/gate", "tests/architecture", "tests/docs")


class Command(BaseCommand):
    help = "Runs the tests on self-made services."
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        """Takes the arguments as they are: pytest's own are not Django's to read."""
        given = argv[2:]
        if "--help" in given or "-h" in given:
            self.stdout.write(USAGE)
            return
        sys.exit(run_clients(given[1:]) if given[:1] == ["--clients"] else run_tests(given))

    def handle(self, *args: str, **_options: Any) -> None:
        """For `call_command("test", ...)`."""
        sys.exit(run_tests(list(args)))


def run_tests(given: list[str]) -> int:
    """Starts services, runs pytest, and returns its exit code; 2 when the services cannot be had."""
    signal.signal(signal.SIGTERM, exit_on_signal)
    print("Starting PostgreSQL and Valkey for the tests", flush=True)
    begun = time.monotonic()
    try:
        with throwaway_services() as services, shared_bytecode() as compiled:
            print(f"They answer after {time.monotonic() - begun:.1f} s", flush=True)
            if "--all" in given:
                return run_all(given, {**os.environ, **compiled}, services)
            return run_pytest(build_pytest_arguments(given), {**os.environ, **services, **compiled})
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 2


def run_all(given: list[str], environment: dict[str, str], services: dict[str, str]) -> int:
    """Both at once, so that no core waits at the end; then where the seconds went. 0 only when all is well."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mm-results-") as folder:
        results = {name: Path(folder) / f"{name}.json" for name in ("meshmarket", "mocklake")}
        with contextlib.ExitStack() as stack:
            beside = None
            if includes_mocklake(given):
                own = [MOCKLAKE_TESTS, *build_pytest_arguments(given, processes=1), "-m", ""]
                own += ["--measure-to", str(results["mocklake"])]
                beside = stack.enter_context(
                    background_pytest(own, environment, Path(folder) / "mocklake.out")
                )
            ours = ["--measure-to", str(results["meshmarket"]), *build_pytest_arguments(given)]
            code = run_pytest(ours, {**environment, **services})
            if code == INTERRUPTED:
                return code
            code = (beside() if beside else 0) or code
        return report_seconds(given, list(results.values()), time.monotonic() - begun) or code


@contextlib.contextmanager
def background_pytest(
    own: list[str], environment: dict[str, str], output: Path
) -> Iterator[Callable[[], int]]:
    """Yields what waits for its end, prints its output and returns its exit code."""
    with output.open("wb") as target:
        child = start_pytest(own, environment, target)

    def finish() -> int:
        print("\n\nThe tests of mocklake, the pretend AWS, which ran beside these\n", flush=True)
        code = child.wait()
        print(output.read_text(errors="replace"), flush=True)
        return code

    try:
        yield finish
    finally:
        if child.poll() is None:
            child.terminate()
        child.wait()


def report_seconds(given: list[str], results: list[Path], elapsed: float) -> int:
    """1 when they are far beyond their budget. The report is a part of the tests, and a process of its own."""
    options = ["--judge", "--elapsed", f"{elapsed:.2f}"]
    if "--renew-ledger" in given:
        options += ["--renew", "whole" if includes_mocklake(given) else "part"]
    command = [sys.executable, "-m", "tests.ledger.report", *options, *map(str, results)]
    return subprocess.run(command, check=False, cwd=ROOT).returncode


def run_clients(names: list[str]) -> int:
    """Needs no services: each client gets a mocklake of its own."""
    return subprocess.run(
        [sys.executable, "-m", "mocklake.clients", *names], check=False, cwd=ROOT
    ).returncode


def includes_mocklake(given: list[str]) -> bool:
    """With `--all`, unless a part of the tests is selected."""
    selected = any(part.startswith(SELECTION_OPTIONS) or is_path(part) for part in given)
    return "--all" in given and not selected


def is_path(part: str) -> bool:
    return not part.startswith("-") and (ROOT / part.split("::", maxsplit=1)[0]).exists()


@contextlib.contextmanager
def shared_bytecode() -> Iterator[dict[str, str]]:
    """Variables by which the run's processes keep what they compiled: pytest's assertions, too."""
    found = bytecode_variables(os.environ)
    try:
        yield found
    finally:
        kept = found.get("PYTHONPYCACHEPREFIX") or os.environ.get("PYTHONPYCACHEPREFIX", "")
        if Path(kept).is_relative_to(ROOT / ".venv"):
            # What tests ran in folders of their own is at no such path again.
            thrown_away = Path(tempfile.gettempdir()).resolve()
            shutil.rmtree(Path(kept) / thrown_away.relative_to(thrown_away.anchor), ignore_errors=True)


def exit_on_signal(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def build_pytest_arguments(given: list[str], *, processes: int = PROCESSES) -> list[str]:
    """What pytest gets: several processes and no slow tests unless the caller says otherwise."""
    own = [part for part in given if part not in OWN_OPTIONS]
    added = ["-p", PLUGIN]
    if not any(part.startswith(("-n", "--numprocesses", "--pdb")) for part in own):
        added += ["-n", str(processes), "--dist", "loadgroup"]
    named = any("::" in part for part in own)
    if "--all" not in given and "-m" not in own and not named:
        added += ["-m", "not all"]
    if "--gate" in given:
        added += ["-v", *(folder for folder in GATE_FOLDERS if (ROOT / folder).is_dir())]
    return added + own


def run_pytest(own: list[str], environment: dict[str, str]) -> int:
    child = start_pytest(own, environment)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            # The terminal interrupts pytest as well; it ends with its own summary.
            continue
        except SystemExit:
            child.terminate()
            child.wait()
            raise


def start_pytest(
    own: list[str], environment: dict[str, str], output: BinaryIO | None = None
) -> "subprocess.Popen[bytes]":
    """It ends with this process."""
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", *own],
        cwd=ROOT,
        env=environment,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        preexec_fn=make_parent_death_hook(signal.SIGTERM),  # noqa: PLW1509 - no threads
    )
