"""Virtual environments with a package to compare with."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path


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
