"""The files of the production image are enough: it starts without demo, pretend AWS and tests."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.bootstrap import ROOT

pytestmark = pytest.mark.all
COMMANDS = (
    ("manage.py", "check"),
    ("manage.py", "collectstatic", "--noinput", "--verbosity", "0"),
    ("-c", "import marketplace.web"),
    ("-c", "from marketplace.celery import app; app.loader.import_default_modules()"),
)


@pytest.fixture(scope="module")
def image() -> Iterator[Path]:
    """A folder with what the Dockerfile copies before its second stage."""
    production = (ROOT / "Dockerfile").read_text(encoding="utf-8").split("FROM production")[0]
    with tempfile.TemporaryDirectory() as folder:
        for line in production.splitlines():
            if line.startswith("COPY "):
                copy(line.split()[1], Path(folder))
        yield Path(folder)


def copy(name: str, folder: Path) -> None:
    source, target = ROOT / name, folder / name
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.parent.mkdir(exist_ok=True)
        shutil.copy(source, target)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[1][:24])
def test_the_image_has_what_it_needs(image: Path, command: tuple[str, ...]) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "marketplace.settings",
        "MESHMARKET_SECRET_KEY": secrets.token_urlsafe(40),
    }
    done = subprocess.run(
        [sys.executable, *command], cwd=image, env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
