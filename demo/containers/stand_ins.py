"""Images made of Debian's packages, for a machine that reaches no registry of images."""

import shutil
import ssl
import subprocess
import tempfile
from pathlib import Path

from demo.bootstrap import ROOT
from demo.containers.podman import Podman
from demo.embedded.errors import EmbeddedError

FILES = ROOT / "deploy" / "debian"
PACKAGES = ("python3", "python3-venv", "ca-certificates", "redis-tools")
DEBIAN = "localhost/meshmarket-debian:1"
PYTHON = "localhost/meshmarket-python:1"
SERVERS = {"postgres": "localhost/meshmarket-postgres:1", "valkey": "localhost/meshmarket-valkey:1"}


def build_stand_ins(podman: Podman) -> None:
    """The base image and those of the servers; the Debian under them is made once."""
    if not podman.has_image(DEBIAN):
        import_debian(podman)
    with tempfile.TemporaryDirectory() as context:
        trusted = ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt"
        shutil.copy(trusted, Path(context) / "certificates.crt")
        podman.build_image(PYTHON, FILES / "python.Dockerfile", context=Path(context))
    for name, image in SERVERS.items():
        podman.build_image(image, FILES / f"{name}.Dockerfile")


def import_debian(podman: Podman) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, archive = Path(folder) / "root", Path(folder) / "root.tar"
        included = f"--include={','.join(PACKAGES)}"
        for command in (
            ["debootstrap", "--variant=minbase", included, "bookworm", str(root)],
            ["tar", "-C", str(root), "-cf", str(archive), "."],
        ):
            done = subprocess.run(command, check=False, capture_output=True, text=True)
            if done.returncode:
                raise EmbeddedError(f"{command[0]} failed: {(done.stderr or done.stdout).strip()[-300:]}")
        podman.call("import", str(archive), DEBIAN)
