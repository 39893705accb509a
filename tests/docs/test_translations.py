"""Every string of a page is translated into German, and what is compiled is what the catalogue says."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from demo.bootstrap import ROOT

CATALOGUE = Path("locale/de/LC_MESSAGES/django.po")
WITH_STRINGS = (
    "audit", "background", "catalog", "decisions", "fulfilment", "identity", "kernel", "lakeformation", "locale", "marketplace", "portal", "requests_app",
    "templates", "workers",
)  # fmt: skip
COMPLETE = re.compile(r"\d+ translated messages\.")

pytestmark = pytest.mark.skipif(shutil.which("xgettext") is None, reason="GNU gettext is not installed")


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def extract_strings(folder: Path, settings: Settings) -> Path:
    """The catalogue as `makemessages` would leave it, in a copy of the sources."""
    for name in WITH_STRINGS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
    settings.LOCALE_PATHS = [folder / "locale"]
    call_command("makemessages", locale=["de"], no_obsolete=True, no_wrap=True, no_location=True, verbosity=0)
    return folder / CATALOGUE


def test_every_string_is_translated_into_german(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    catalogue = extract_strings(tmp_path, settings)
    checked = run("msgfmt", "--check-format", "--statistics", "--output-file", tmp_path / "de.mo", catalogue)
    unfinished = run("msgattrib", "--untranslated", catalogue).stdout
    unfinished += run("msgattrib", "--only-fuzzy", catalogue).stdout
    assert (checked.returncode, unfinished) == (0, "")
    assert COMPLETE.fullmatch(checked.stderr.strip())


def test_the_compiled_catalogue_is_the_one_of_the_source(tmp_path: Path) -> None:
    compiled = tmp_path / "django.mo"
    assert run("msgfmt", "--output-file", compiled, ROOT / CATALOGUE).returncode == 0
    shipped = (ROOT / CATALOGUE).with_suffix(".mo")
    assert run("msgunfmt", shipped).stdout == run("msgunfmt", compiled).stdout
