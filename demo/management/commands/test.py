"""`manage.py test`: pytest on embedded services; with `--all` also the tests of awsim, which need none.

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

from demo.bootstrap import ROOT
from demo.embedded.errors import EmbeddedError
from demo.embedded.process import dying_with_parent
from demo.embedded.throwaway_services import throwaway_services

USAGE = """usage: manage.py test [--all | --gate] [pytest arguments]

  (nothing)  the gate, behaviour tests, one journey, one browser story
  --all      every test, the slow ones too; then awsim's own (by themselves: make awsim)
  --gate     the gate only: formatting, types, imports, templates, migrations, architecture, docs
  Anything else goes to pytest: paths, -k, -x, -n 0, --lf"""
AWSIM = "awsim/tests"
"""They have a configuration of their own, awsim/pyproject.toml, and so a process of their own."""
SELECTING = ("-k", "-m", "--lf", "--last-failed", "--sw", "--stepwise", "--gate")
INTERRUPTED = 2
GATE = ("tests/gate", "tests/architecture", "tests/docs")


class Command(BaseCommand):
    help = "Runs the tests on self-made services."
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        """Takes the arguments as they are: pytest's own are not Django's to read."""
        given = argv[2:]
        if "--help" in given or "-h" in given:
            self.stdout.write(USAGE)
            return
        sys.exit(run(given))

    def handle(self, *args: str, **_options: Any) -> None:
        """For `call_command("test", ...)`."""
        sys.exit(run(list(args)))


def run(given: list[str]) -> int:
    """Starts services, runs pytest, and returns its exit code; 2 when the services cannot be had."""
    signal.signal(signal.SIGTERM, end_by_signal)
    print("Starting PostgreSQL and Valkey for the tests", flush=True)
    try:
        with throwaway_services() as environment, compiled_once() as compiled:
            code = pytest(arguments(given), {**os.environ, **environment, **compiled})
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 2
    return code if code == INTERRUPTED or not includes_awsim(given) else with_awsim(code, given)


def includes_awsim(given: list[str]) -> bool:
    """With `--all`, unless a part of the tests is selected."""
    selected = any(part.startswith(SELECTING) or is_path(part) for part in given)
    return "--all" in given and not selected


def is_path(part: str) -> bool:
    return not part.startswith("-") and (ROOT / part.split("::", maxsplit=1)[0]).exists()


def with_awsim(code: int, given: list[str]) -> int:
    """Runs awsim's own tests after Meshmarket's, which ended with `code`; 0 only when both passed."""
    print("\n\nThe tests of awsim, the pretend AWS\n", flush=True)
    with compiled_once() as compiled:
        own = pytest([AWSIM, *arguments(given), "-m", ""], {**os.environ, **compiled})
    print(f"\nMeshmarket's tests {result(code)}, awsim's {result(own)}.", flush=True)
    return code or own


def result(code: int) -> str:
    return f"failed (exit code {code})" if code else "passed"


@contextlib.contextmanager
def compiled_once() -> Iterator[dict[str, str]]:
    """Where Python may not write beside the sources, what it compiled is kept beside the installed packages: each of the
    run's processes would compile it all again, and two of them pytest's assertions too.
    """
    if not os.environ.get("PYTHONDONTWRITEBYTECODE") or os.environ.get("PYTHONPYCACHEPREFIX"):
        yield {}
        return
    kept = Path(sys.prefix) / "var" / "meshmarket" / "bytecode"
    try:
        yield {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(kept)}
    finally:
        # What tests ran in folders of their own is at no such path again.
        thrown_away = Path(tempfile.gettempdir()).resolve()
        shutil.rmtree(kept / thrown_away.relative_to(thrown_away.anchor), ignore_errors=True)


def end_by_signal(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def arguments(given: list[str]) -> list[str]:
    """What pytest gets: two processes and no slow tests unless the caller says otherwise."""
    own = [part for part in given if part not in {"--all", "--gate"}]
    added = []
    if not any(part.startswith(("-n", "--numprocesses", "--pdb")) for part in own):
        added += ["-n", "2", "--dist", "loadgroup"]
    named = any("::" in part for part in own)
    if "--all" not in given and "-m" not in own and not named:
        added += ["-m", "not all"]
    if "--gate" in given:
        added += ["-v", *(folder for folder in GATE if (ROOT / folder).is_dir())]
    return added + own


def pytest(own: list[str], environment: dict[str, str]) -> int:
    command = [sys.executable, "-m", "pytest", *own]
    before_exec = dying_with_parent(signal.SIGTERM)
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
