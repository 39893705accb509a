"""`manage.py test`: pytest on embedded services; with `--all` also the tests of mocklake, which need none.

The last printed line is pytest's own summary, with `--all` the result of both.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from demo.bootstrap import ROOT, bytecode_variables
from demo.embedded.child_process import make_parent_death_hook
from demo.embedded.errors import EmbeddedError
from demo.embedded.throwaway_services import throwaway_services

USAGE = """usage: manage.py test [--all | --gate] [pytest arguments]
       manage.py test --clients [NAME ...]

  (nothing)  the gate, behaviour tests, one journey, one browser story
  --all      every test, the slow ones too; then mocklake's own (by themselves: make mocklake)
  --gate     the gate only: formatting, types, imports, templates, migrations, architecture, docs
  --clients  foreign clients against mocklake, by name or all (nightly; installs each into .clients)
  Anything else goes to pytest: paths, -k, -x, -n 0, --lf"""
MOCKLAKE_TESTS = "mocklake/tests"
"""They have a configuration of their own, mocklake/pyproject.toml, and so a process of their own."""
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
    try:
        with throwaway_services() as environment, shared_bytecode() as compiled:
            code = run_pytest(build_pytest_arguments(given), {**os.environ, **environment, **compiled})
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 2
    return code if code == INTERRUPTED or not includes_mocklake(given) else run_mocklake_tests(code, given)


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


def run_mocklake_tests(code: int, given: list[str]) -> int:
    """Runs mocklake's own tests after Meshmarket's, which ended with `code`; 0 only when both passed."""
    print("\n\nThe tests of mocklake, the pretend AWS\n", flush=True)
    with shared_bytecode() as compiled:
        own = run_pytest(
            [MOCKLAKE_TESTS, *build_pytest_arguments(given), "-m", ""], {**os.environ, **compiled}
        )
    print(f"\nMeshmarket's tests {describe_result(code)}, mocklake's {describe_result(own)}.", flush=True)
    return code or own


def describe_result(code: int) -> str:
    return f"failed (exit code {code})" if code else "passed"


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


def build_pytest_arguments(given: list[str]) -> list[str]:
    """What pytest gets: two processes and no slow tests unless the caller says otherwise."""
    own = [part for part in given if part not in {"--all", "--gate"}]
    added = []
    if not any(part.startswith(("-n", "--numprocesses", "--pdb")) for part in own):
        added += ["-n", "2", "--dist", "loadgroup"]
    named = any("::" in part for part in own)
    if "--all" not in given and "-m" not in own and not named:
        added += ["-m", "not all"]
    if "--gate" in given:
        added += ["-v", *(folder for folder in GATE_FOLDERS if (ROOT / folder).is_dir())]
    return added + own


def run_pytest(own: list[str], environment: dict[str, str]) -> int:
    command = [sys.executable, "-m", "pytest", *own]
    before_exec = make_parent_death_hook(signal.SIGTERM)
    child = subprocess.Popen(command, cwd=ROOT, env=environment, preexec_fn=before_exec)  # noqa: PLW1509 - no threads
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
