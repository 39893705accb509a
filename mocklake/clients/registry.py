"""The clients, with what each needs, and a virtual environment for each, kept in `.clients` beside `.venv`."""

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".clients"
LOCKED = ("--require-hashes", "--no-deps", "--disable-pip-version-check", "-q")


@dataclass(frozen=True)
class Client:
    """`package` is the one whose version is shown; `seed` a file in seeds/; `role` is empty for the account's root."""

    name: str
    title: str
    package: str
    account: str = "100000000001"
    role: str = "engineer"
    seed: str = "lake"
    region: str = "eu-central-1"
    source_variable: str = ""
    """The environment variable that says where the client's source lies, for one that no package index has."""

    @property
    def requirements(self) -> Path:
        return FOLDER / "requirements" / f"{self.name}.txt"

    @property
    def seed_file(self) -> Path:
        return FOLDER / "seeds" / f"{self.seed}.yaml"

    modules: tuple[str, ...] = ()
    """Of clients/checks; without one it is the client's name."""

    def version(self) -> str:
        for line in self.requirements.read_text().splitlines():
            if line.startswith(f"{self.package}=="):
                return line.split()[0].partition("==")[2]
        raise LookupError(f"{self.requirements.name} has no {self.package}")


CLIENTS = (
    Client("moto", "moto's tests marked `aws_verified`", "moto", "123456789012", "", "moto", "us-east-1"),
    Client(
        "awswrangler",
        "AWS SDK for pandas",
        "awswrangler",
        modules=("awswrangler_catalog", "awswrangler_athena", "awswrangler_storage"),
    ),
    Client(
        "pyathena",
        "PyAthena with SQLAlchemy",
        "pyathena",
        modules=("pyathena", "pyathena_sqlalchemy"),
    ),
    Client("dbt-athena", "dbt-athena", "dbt-athena"),
    Client("pyiceberg", "PyIceberg with s3fs and PyArrow", "pyiceberg"),
    Client("datahub", "DataHub's Glue source", "acryl-datahub"),
    Client(
        "dataall",
        "data.all's client classes",
        "boto3",
        seed="mesh",
        region="eu-west-1",
        source_variable="DATAALL_SOURCE",
    ),
    Client("awscli", "AWS CLI: sharing across accounts", "awscli", seed="mesh", region="eu-west-1"),
)
BY_NAME = {client.name: client for client in CLIENTS}


class EnvironmentFailedError(Exception):
    """The message is shown as one line."""


def ensure_environment(client: Client) -> Path:
    """Returns the environment's interpreter; installs unless the stamp of this very requirement file is there."""
    folder = CACHE / client.name
    python, stamp = (
        folder / "bin" / "python",
        folder / f"installed-{compute_fingerprint(client.requirements)}",
    )
    if not stamp.exists():
        run_command([find_python(), "-m", "venv", "--clear", str(folder)], client)
        run_command(
            [
                str(python),
                "-m",
                "pip",
                "install",
                *LOCKED,
                *build_wheel_options(),
                "-r",
                str(client.requirements),
            ],
            client,
        )
        stamp.touch()
    return python


def ensure_source(client: Client, python: Path) -> Path:
    """Returns the folder with the source distribution that `requirements/<name>-source.txt` pins, unpacked."""
    pinned = client.requirements.with_name(f"{client.name}-source.txt")
    folder = CACHE / f"{client.name}-source-{compute_fingerprint(pinned)}"
    if not folder.exists():
        download = folder.with_name(f"{folder.name}.part")
        options = ("--no-binary", ":all:", "--no-build-isolation", "-d", str(download))
        run_command([str(python), "-m", "pip", "download", *LOCKED, *options, "-r", str(pinned)], client)
        archive = next(download.glob("*.tar.gz"))
        run_command(["tar", "-xzf", str(archive), "-C", str(download), "--strip-components=1"], client)
        download.rename(folder)
    return folder


def compute_fingerprint(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]


def build_wheel_options() -> tuple[str, str]:
    """Nothing is built, so that no code of a package runs while it is installed."""
    return ("--only-binary", ":all:")


def find_python() -> str:
    return str(getattr(sys, "_base_executable", None) or sys.executable)


def run_command(command: list[str], client: Client) -> None:
    environment = {**os.environ, "PIP_USER": "0", "PIP_NO_INPUT": "1"}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if done.returncode:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        raise EnvironmentFailedError(f"The environment of {client.name} cannot be made: {' '.join(last)}")
