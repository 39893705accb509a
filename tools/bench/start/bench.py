"""How long a newcomer waits, beside what of it is the package index's and PostgreSQL's own."""

import argparse
import json
import resource
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copy2
from typing import Any

from demo.bootstrap import (
    LATER_PACKAGES,
    MIN_PIP_VERSION,
    ROOT,
    base_python,
    find_pip,
    pip_environment,
    read_locked_packages,
    venv_python,
)
from demo.embedded.child_process import EmbeddedError, make_parent_death_hook, sum_processor_seconds
from demo.embedded.postgres import Postgres
from demo.embedded.state_folder import StateFolder
from tools.bench.harness.subprocesses import build_environment
from tools.bench.harness.timing import measure_seconds
from tools.bench.report import BenchReport, Figure, at_most

HELP = "The demo from nothing, from an environment and from kept state, and at rest; beside pip and PostgreSQL alone."
COLD_SECONDS = 200.0
IDLE_SECONDS, QUICK_IDLE_SECONDS = 60.0, 10.0
CALM_SECONDS = 15.0
"""After the verdict, before the demo is at rest: what the verdict made is ended, and its last mails are sent."""
INSTALLED, ANSWERS, VERDICT = "Installed in", "The site answers at", '{"ok"'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--part", choices=("cold", "starts", "idle"), help="only this one")


def run(board: BenchReport, options: dict[str, Any]) -> None:
    wanted = [options["part"]] if options.get("part") else ["cold", "starts", "idle"]
    with tempfile.TemporaryDirectory(prefix="mm-start-") as place:
        state = Path(place) / "state"
        if "cold" in wanted and board.has_time_for("a start from nothing", COLD_SECONDS):
            _measure_cold(board, Path(place))
        if "starts" in wanted:
            _measure_starts(board, state)
        if "idle" in wanted:
            _measure_rest(board, state)


def _measure_cold(board: BenchReport, place: Path) -> None:
    """In a copy of the tracked files, without an environment. pip alone comes second: the index is no slower then."""
    copy = copy_tracked_files(place / "copy")
    found = measure_start(base_python(), copy, place / "cold-state")
    pip = board.add_figure("pip alone, the same packages", _measure_pip(place), "s")
    board.add_figure("from nothing: installation", found.installed, "s", must=at_most(25))
    board.add_figure(
        "from nothing: installation, beside pip", found.installed, "s", baseline=pip, must=at_most(1.2)
    )
    board.add_figure("from nothing: first page", found.first_page, "s")
    board.add_figure("from nothing: verdict", found.verdict, "s", must=at_most(60))
    board.add_figure("from nothing: processor time", found.processor, "s of a processor")


def _measure_pip(place: Path) -> float:
    """The first packages of the demo by one plain `pip install` into an environment of its own."""
    folder, wanted = place / "pip", place / "pip.txt"
    pins = read_locked_packages("demo")
    wanted.write_text("".join(pin for name, pin in pins.items() if name not in LATER_PACKAGES["demo"]))
    is_outside = (find_pip() or ()) >= MIN_PIP_VERSION
    subprocess.run(
        [base_python(), "-m", "venv", *(["--without-pip"] if is_outside else []), folder], check=True
    )
    python = folder / "bin" / "python"
    pip = [base_python(), "-m", "pip", "--python", str(python)] if is_outside else [str(python), "-m", "pip"]
    options = ["--quiet", "--require-hashes", "--no-deps", "--only-binary", ":all:"]

    def install() -> None:
        done = subprocess.run(
            [*pip, "install", *options, "-r", wanted], env=pip_environment(), check=False,
            capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise EmbeddedError(f"pip failed: {done.stderr[-500:]}")

    return measure_seconds(install)


def _measure_starts(board: BenchReport, state: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="mm-pg-") as place:
        postgres = board.add_figure("PostgreSQL alone, from nothing", _measure_postgres(Path(place)), "s")
        again = board.add_figure("PostgreSQL alone, from kept state", _measure_postgres(Path(place)), "s")
    python = str(venv_python())
    _add_start(
        board, "from an environment", measure_start(python, ROOT, state), postgres, first_page=20, verdict=25
    )
    _add_start(board, "from kept state", measure_start(python, ROOT, state), again, first_page=6)


@dataclass(frozen=True)
class DemoStart:
    """Seconds from the command on; `installed` is 0 where nothing was."""

    installed: float
    first_page: float
    verdict: float
    processor: float


def _add_start(
    board: BenchReport, title: str, found: DemoStart, postgres: Figure, *, first_page: int, verdict: int = 0
) -> None:
    board.add_figure(f"{title}: first page", found.first_page, "s", must=at_most(first_page))
    board.add_figure(f"{title}: first page, beside PostgreSQL", found.first_page, "s", baseline=postgres)
    board.add_figure(f"{title}: verdict", found.verdict, "s", must=at_most(verdict) if verdict else None)
    board.add_figure(f"{title}: processor time", found.processor, "s of a processor")


def _measure_postgres(place: Path) -> float:
    """A server like the demo's, from its start until it answers."""
    with taken_folder(place / "state") as folder:
        postgres = Postgres(folder)
        try:
            return measure_seconds(postgres.start)
        finally:
            postgres.stop()


@contextmanager
def taken_folder(path: Path) -> Iterator[StateFolder]:
    folder = StateFolder(path)
    folder.acquire()
    try:
        yield folder
    finally:
        folder.release()


def _measure_rest(board: BenchReport, state: Path) -> None:
    """What all processes of a demo use that nobody looks at."""
    seconds = QUICK_IDLE_SECONDS if board.quick else IDLE_SECONDS
    with run_demo(str(venv_python()), ROOT, state) as process:
        read_times(process, VERDICT)
        time.sleep(CALM_SECONDS)
        used, began = sum_processor_seconds(process.pid), time.monotonic()
        time.sleep(seconds)
        share = (sum_processor_seconds(process.pid) - used) / (time.monotonic() - began)
    board.add_figure("at rest, all processes", 100 * share, "% of a core", must=at_most(6))


def copy_tracked_files(place: Path) -> Path:
    """What a fresh clone would hold, with what is changed here."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            copy2(ROOT / name, place / name)
    return place


def measure_start(python: str, folder: Path, state: Path) -> DemoStart:
    """`demo --once` to its end. EmbeddedError when a step of its verdict is not true."""
    before = read_children_seconds()
    with run_demo(python, folder, state, "--once") as process:
        times, lines = read_times(process, "")
    if process.returncode or not json.loads(lines[-1])["ok"]:
        raise EmbeddedError("The demo did not prove its main job:\n" + "\n".join(lines[-20:]))
    return DemoStart(
        times.get(INSTALLED, 0.0), times[ANSWERS], times[VERDICT], read_children_seconds() - before
    )


@contextmanager
def run_demo(python: str, folder: Path, state: Path, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """Ends it as Ctrl-C would, unless it has ended."""
    command = [python, "manage.py", "demo", "--json", "--port", "0", "--state", str(state), *arguments]
    with subprocess.Popen(
        command,
        cwd=folder,
        env=build_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=make_parent_death_hook(signal.SIGTERM),  # noqa: PLW1509 - made by the main thread
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait()


def read_times(process: "subprocess.Popen[str]", until: str) -> tuple[dict[str, float], Sequence[str]]:
    """When each of the three was said first, and all lines; to the line that begins with `until`, or to the end."""
    times: dict[str, float] = {}
    began, lines = time.monotonic(), []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line.rstrip())
        for words in (INSTALLED, ANSWERS, VERDICT):
            if line.startswith(words):
                times.setdefault(words, time.monotonic() - began)
        if until and line.startswith(until):
            break
    else:
        process.wait()
    return times, lines


def read_children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
