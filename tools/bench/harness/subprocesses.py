"""Programs in processes of their own, and a Python with the packages of a peer."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from demo.bootstrap import ROOT
from demo.embedded.child_process import EmbeddedError


def build_environment(**given: str) -> dict[str, str]:
    """What `given` says, and where programs and their files are found."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ} | given


def run_program(program: list[str], environment: dict[str, str]) -> str:
    """What the program printed. EmbeddedError when it failed."""
    done = subprocess.run(program, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        raise EmbeddedError(f"{' '.join(program[1:4])} failed: {done.stderr[-2000:]}")
    return done.stdout


def read_memory(kind: str, process: int | str | None = "self") -> float:
    """Megabytes of a process: `VmRSS` has it now, `VmHWM` had it at most; 0 where the system does not tell."""
    status = Path(f"/proc/{process}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith(f"{kind}:")), 0.0)


@contextmanager
def python_with(package: str, given: str, *, seconds: float, folder: Path | None = None) -> Iterator[str]:
    """A Python that has it: the one given, or one made for this run; empty where it cannot be had in so many seconds.

    One that is made in `folder` is kept there for the next run.
    """
    with ExitStack() as stack:
        if not given and folder and _has_package(folder, package):
            given = str(folder / "bin" / "python")
        elif not given:
            place = folder or Path(tempfile.mkdtemp(prefix="mm-bench-peer-"))
            if not folder:
                stack.callback(shutil.rmtree, place, ignore_errors=True)
            given = _create_environment(place, package, seconds)
        yield given


def _has_package(folder: Path, package: str) -> bool:
    return any(folder.glob(f"lib/python*/site-packages/{package}"))


def _create_environment(folder: Path, package: str, seconds: float) -> str:
    python = folder / "bin" / "python"
    try:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--only-binary", ":all:", package]
        subprocess.run(install, check=True, capture_output=True, timeout=seconds)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return ""
    return str(python)
