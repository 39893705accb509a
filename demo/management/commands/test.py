"""`manage.py test`: pytest on embedded services. The last printed line is pytest's own summary."""

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
  --all      every test, the slow ones too, and those of the pretend AWS itself
  --gate     the gate only: formatting, types, imports, templates, migrations, architecture, docs
  Anything else goes to pytest: paths, -k, -x, -n 0, --lf"""
AWSIM = "tests/awsim"
"""The pretend AWS knows nothing of the rest, and its two thousand tests take a minute: by name, or with all."""
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
            everything = {"MESHMARKET_TEST_ALL": "1"} if "--all" in given else {}
            return pytest(arguments(given), {**os.environ, **environment, **compiled, **everything})
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 2


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
    result = []
    if not any(part.startswith(("-n", "--numprocesses", "--pdb")) for part in own):
        result += ["-n", "2", "--dist", "loadgroup"]
    named = any("::" in part for part in own)
    if "--all" not in given and "-m" not in own and not named:
        result += ["-m", "not all"]
        if not any(part.startswith("tests") for part in own):
            result += [f"--ignore={AWSIM}"]
    if "--gate" in given:
        result += ["-v", *(folder for folder in GATE if (ROOT / folder).is_dir())]
    return result + own


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
