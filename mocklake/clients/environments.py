"""A virtual environment for each client, from its locked requirement file, kept in `.clients` beside `.venv`."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from mocklake.clients.registry import Client

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".clients"
LOCKED = ("--require-hashes", "--no-deps", "--disable-pip-version-check", "-q")


class EnvironmentFailedError(Exception):
    """The message is shown as one line."""


def ensure_environment(client: Client) -> Path:
    """Returns the environment's interpreter; installs unless the stamp of this very requirement file is there."""
    folder = CACHE / client.name
    python, stamp = folder / "bin" / "python", folder / f"installed-{fingerprint(client.requirements)}"
    if not stamp.exists():
        run([base_python(), "-m", "venv", "--clear", str(folder)], client)
        run(
            [str(python), "-m", "pip", "install", *LOCKED, *wheels_only(), "-r", str(client.requirements)],
            client,
        )
        stamp.touch()
    return python


def ensure_source(client: Client, python: Path) -> Path:
    """Returns the folder with the source distribution that `requirements/<name>-source.txt` pins, unpacked."""
    pinned = client.requirements.with_name(f"{client.name}-source.txt")
    folder = CACHE / f"{client.name}-source-{fingerprint(pinned)}"
    if not folder.exists():
        download = folder.with_name(f"{folder.name}.part")
        options = ("--no-binary", ":all:", "--no-build-isolation", "-d", str(download))
        run([str(python), "-m", "pip", "download", *LOCKED, *options, "-r", str(pinned)], client)
        archive = next(download.glob("*.tar.gz"))
        run(["tar", "-xzf", str(archive), "-C", str(download), "--strip-components=1"], client)
        download.rename(folder)
    return folder


def fingerprint(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]


def wheels_only() -> tuple[str, str]:
    """Nothing is built, so that no code of a package runs while it is installed."""
    return ("--only-binary", ":all:")


def base_python() -> str:
    return str(getattr(sys, "_base_executable", None) or sys.executable)


def run(command: list[str], client: Client) -> None:
    environment = {**os.environ, "PIP_USER": "0", "PIP_NO_INPUT": "1"}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if done.returncode:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        raise EnvironmentFailedError(f"The environment of {client.name} cannot be made: {' '.join(last)}")
