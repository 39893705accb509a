"""One start of the demo, in a process of its own: when it said what, and the processor time that it took."""

import json
import resource
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.embedded.child_process import EmbeddedError, make_parent_death_hook
from tools.bench.harness.subprocesses import build_environment

INSTALLED, ANSWERS, VERDICT = "Installed in", "The site answers at", '{"ok"'


@dataclass(frozen=True)
class DemoStart:
    """Seconds from the command on; `installed` is 0 where nothing was."""

    installed: float
    first_page: float
    verdict: float
    processor: float


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
