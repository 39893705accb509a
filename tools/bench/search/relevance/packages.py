"""Downloads packages with pip, without running any of their code."""

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

BACKEND = """
import email
import shutil
from pathlib import Path


class __legacy__:
    @staticmethod
    def prepare_metadata_for_build_wheel(folder, config_settings=None):
        found = email.message_from_string(Path("PKG-INFO").read_text())
        name = found["Name"].replace("-", "_")
        place = Path(folder) / f"{name}-{found['Version']}.dist-info"
        place.mkdir()
        shutil.copy("PKG-INFO", place / "METADATA")
        return place.name
"""
"""pip asks the build backend of a source distribution for its metadata, and setuptools would run its setup.py for that."""


def download_packages(python: str, requirements: Sequence[str], folder: Path, seconds: float) -> bool:
    """Puts the files of the requirements, which are lines with hashes, into the folder, unless they are there.

    `python` is one with pip. True if there are none.
    """
    if not requirements:
        return True
    lines, done = "\n".join(requirements), folder / "requirements.txt"
    if done.exists() and done.read_text() == lines:
        return True
    if not python or not _download(python, lines, folder, seconds):
        return False
    done.write_text(lines)
    return True


def _download(python: str, lines: str, folder: Path, seconds: float) -> bool:
    command = [python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--require-hashes", "--use-pep517", "--no-build-isolation"]
    with tempfile.TemporaryDirectory(prefix="mm-bench-pip-") as place:
        backend, listed = Path(place, "setuptools"), Path(place, "requirements.txt")
        backend.mkdir()
        (backend / "__init__.py").touch()
        (backend / "build_meta.py").write_text(BACKEND)
        listed.write_text(lines)
        command += ["--dest", str(folder), "-r", str(listed)]
        environment = {**os.environ, "PYTHONPATH": place}
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=seconds, env=environment)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            return False
    return True
