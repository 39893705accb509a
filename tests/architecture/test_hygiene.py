"""Nothing in the project speaks of the machine on which it was written."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from demo.bootstrap import ROOT

TEXT = {".py", ".md", ".toml", ".yml", ".yaml", ".html", ".css", ".js", ".sh", ".txt", ".cfg", ".env", ".sql"}
VENDORED = ("static/vendor/", "tests/browser/vendor/", "tests/compose/vendor/")
MACHINE = re.compile(r"(?<![\w.])/(?:home|Users|work|root|mnt)/[\w.-]+")
KEY = re.compile(r"\b(?:AKIA|ASIA)(?!0{16})[A-Z0-9]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY")
# Letters of both cases and a digit: a value, not the name of a variable.
VALUE = r"(?=[^\"']*\d)(?=[^\"']*[a-z])(?=[^\"']*[A-Z])[A-Za-z0-9+/_-]{24,}"
SECRET = re.compile(rf"(?i:secret|password|token)[A-Za-z_]*\s*[:=]\s*[\"']{VALUE}[\"']")


@cache
def texts() -> dict[str, str]:
    """Own text files by path; what git ignores is not ours to judge."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(listed, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("not a git checkout")
    names = [name for name in done.stdout.split("\0") if name and not name.startswith(VENDORED)]
    found = [
        name for name in names if Path(name).suffix in TEXT or name in {"Dockerfile", "Makefile", ".ci/run"}
    ]
    return {name: (ROOT / name).read_text(encoding="utf-8") for name in found if (ROOT / name).is_file()}


@pytest.mark.parametrize("pattern", [MACHINE, KEY, SECRET], ids=["machine path", "key", "secret"])
def test_no_file_holds_a(pattern: re.Pattern[str]) -> None:
    wrong = [
        f"{name}: {found.group()}"
        for name, text in texts().items()
        for found in pattern.finditer(text)
        if name != "tests/architecture/test_hygiene.py"
    ]
    assert not wrong, "\n".join(wrong)


def test_texts_end_with_one_line_break() -> None:
    wrong = [
        name for name, text in texts().items() if text and (not text.endswith("\n") or text.endswith("\n\n"))
    ]
    assert not wrong, "\n".join(wrong)
