"""The files of the production image are enough: it starts without demo, pretend AWS and tests."""

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.bootstrap import ROOT
from deploy.image_files import copy_paths, list_production_paths

pytestmark = pytest.mark.all
GERMAN = """
import django; django.setup()
from django.utils.translation import gettext, override
with override("de"): assert gettext("Sign out") == "Abmelden", gettext("Sign out")
"""
COMMANDS = (
    ("manage.py", "check"),
    ("manage.py", "collectstatic", "--noinput", "--verbosity", "0"),
    ("-c", "import marketplace.web"),
    ("-c", "from marketplace.celery import app; app.loader.import_default_modules()"),
    ("-c", GERMAN),
)


@pytest.fixture(scope="module")
def image() -> Iterator[Path]:
    """A folder with what the build puts into the production image."""
    with tempfile.TemporaryDirectory() as folder:
        copy_paths(ROOT, Path(folder), list_production_paths(ROOT))
        yield Path(folder)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[1].strip()[:24])
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
