"""What a newcomer types, in a copy of the tracked files. `.ci/run` installs; here what it installed is used."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.bench.start.bench import copy_tracked_files

OURS = (
    "VIRTUAL_ENV",
    "PYTHONPATH",
    "DJANGO_SETTINGS_MODULE",
    "DATABASE_URL",
    "REDIS_URL",
    "MESHMARKET",
    "AWS_",
)

pytestmark = pytest.mark.all


def test_one_command_proves_and_leaves_nothing_running(tmp_path: Path) -> None:
    copy = copy_tracked_files(tmp_path / "copy")
    (copy / ".venv").symlink_to(sys.prefix)
    python = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    done = subprocess.run(
        [python, "manage.py", "demo", "--once", "--json", "--port", "0", "--state", tmp_path / "state"],
        cwd=copy, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    verdict = json.loads(lines[-1])
    assert verdict["ok"] is True
    assert {"ok", "url", "seconds", "steps"} == set(verdict)
    assert all(set(step) == {"name", "ok", "seconds", "detail"} for step in verdict["steps"])
    assert not list((tmp_path / "state" / "pids").glob("*")) or is_nothing_running(tmp_path / "state")


def is_nothing_running(state: Path) -> bool:
    """No process has the state folder on its command line."""
    found = subprocess.run(["pgrep", "-f", str(state)], capture_output=True, check=False)
    return found.returncode == 1
